#include "service/telemetry/exporter_samples.h"

#include <algorithm>
#include <optional>

namespace logexport {
namespace {

// What stands for all exporters where none stands for itself.
enum class Together { kHighest, kLowest, kSum };

struct SampledMetric {
  const char* name;
  const char* help;
  // Whether alerts need it, so that it is there with kKey, too.
  bool key;
  Together together;
  std::optional<double> (*value)(const ExporterSample&);
};

constexpr SampledMetric kSampled[] = {
    {"logexport_owned", "1 for each exporter that this process runs.", true, Together::kSum,
     [](const ExporterSample&) { return std::optional(1.0); }},
    {"logexport_paused", "1 while the exporter is paused, else 0.", true, Together::kSum,
     [](const ExporterSample& s) { return std::optional(s.paused ? 1.0 : 0.0); }},
    {"logexport_lag_seconds", "Upper bound on the age of the oldest log that is not exported.",
     true, Together::kHighest, [](const ExporterSample& s) { return s.lag_seconds; }},
    {"logexport_checkpoint_timestamp_seconds",
     "Time of the log that the checkpoint stands after, as Unix time.", false, Together::kLowest,
     [](const ExporterSample& s) { return s.checkpoint_time; }},
    {"logexport_last_success_timestamp_seconds", "When a run last succeeded, as Unix time.", true,
     Together::kLowest, [](const ExporterSample& s) { return s.last_success_time; }},
    {"logexport_last_caught_up_timestamp_seconds",
     "When a run last found nothing left to read, as Unix time.", true, Together::kLowest,
     [](const ExporterSample& s) { return s.last_caught_up_time; }},
    {"logexport_completeness_confirmed_timestamp_seconds",
     "Up to when every log was read again at every age, as Unix time.", true, Together::kLowest,
     [](const ExporterSample& s) { return s.confirmed_time; }},
    {"logexport_consecutive_failures", "Runs that have failed in a row.", true, Together::kHighest,
     [](const ExporterSample& s) {
       return std::optional(static_cast<double>(s.consecutive_failures));
     }},
    {"logexport_dead_letters", "Dead letters that wait to be redriven or purged.", true,
     Together::kSum,
     [](const ExporterSample& s) { return std::optional(static_cast<double>(s.dead_letters)); }},
    {"logexport_schedule_period_seconds", "Time between the next two runs of the schedule.", true,
     Together::kHighest, [](const ExporterSample& s) { return s.schedule_period_seconds; }},
    {"logexport_retention_seconds", "How long Auth0 keeps logs, where auth0.retention says so.",
     true, Together::kLowest, [](const ExporterSample& s) { return s.retention_seconds; }},
    {"logexport_auth0_ratelimit_limit", "Calls that the tenant's rate limit allows in a period.",
     false, Together::kLowest, [](const ExporterSample& s) { return s.rate_limit; }},
    {"logexport_auth0_ratelimit_remaining", "Calls that are left of them, as Auth0 said last.",
     false, Together::kLowest, [](const ExporterSample& s) { return s.rate_remaining; }},
};

std::optional<double> TogetherOf(const SampledMetric& metric,
                                 const std::vector<ExporterSample>& exporters) {
  std::optional<double> all;
  for (const ExporterSample& exporter : exporters) {
    const std::optional<double> value = metric.value(exporter);
    if (!value.has_value()) continue;
    if (!all.has_value()) {
      all = value;
    } else if (metric.together == Together::kSum) {
      *all += *value;
    } else {
      *all =
          metric.together == Together::kHighest ? std::max(*all, *value) : std::min(*all, *value);
    }
  }
  return all;
}

}  // namespace

void AddExporterSamples(const std::vector<ExporterSample>& exporters, PerExporter detail,
                        Exposition* out) {
  for (const SampledMetric& metric : kSampled) {
    out->Gauge(metric.name, metric.help);
    if (detail == PerExporter::kOff || (detail == PerExporter::kKey && !metric.key)) {
      if (const auto all = TogetherOf(metric, exporters)) out->Value(*all);
      continue;
    }
    for (const ExporterSample& exporter : exporters) {
      if (const auto value = metric.value(exporter)) {
        out->Value(*value, {{"exporter", exporter.exporter}});
      }
    }
  }
}

}  // namespace logexport
