// What a scrape gets of ServiceMetrics.
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "service/telemetry/exporter_samples.h"
#include "service/telemetry/process_metrics.h"
#include "service/telemetry/service_metrics.h"

namespace logexport {
namespace {

PerExporter DetailFor(PerExporter asked, std::size_t exporters) {
  if (asked != PerExporter::kAuto) return asked;
  return exporters <= kMostInFull ? PerExporter::kFull : PerExporter::kKey;
}

double AsDouble(const Counter& counter) { return static_cast<double>(counter.value()); }

void AddLogCounts(const ExporterCounters& counters, absl::string_view exporter, Exposition* out) {
  out->Value(AsDouble(counters.accepted), {{"exporter", exporter}, {"outcome", "accepted"}});
  out->Value(AsDouble(counters.filtered), {{"exporter", exporter}, {"outcome", "filtered"}});
  out->Value(AsDouble(counters.dead_lettered),
             {{"exporter", exporter}, {"outcome", "dead_lettered"}});
}

}  // namespace

std::string ServiceMetrics::Text(const ServiceSample& sample) const {
  const PerExporter detail = DetailFor(options_.per_exporter, sample.exporters.size());
  Exposition out;
  out.Gauge("logexport_build_info", "1; the version is a label.");
  out.Value(1, {{"version", options_.version}});
  AddLogs(detail, &out);
  AddExporterSamples(sample.exporters, detail, &out);
  AddMembers(sample, &out);
  AddRuns(&out);
  AddExchanges(&out);
  AddCalls(&out);
  AddProtection(sample, &out);
  out.Gauge("logexport_outbox_oldest_seconds",
            "Age of the oldest message that could not be delivered yet; 0 if there is none.");
  out.Value(sample.outbox_oldest_seconds);
  out.Gauge("logexport_runs_waiting",
            "Runs that wait for their turn, because --max-concurrent-runs others are at work.");
  out.Value(static_cast<double>(sample.runs_waiting));
  out.Gauge("logexport_clock_skew_seconds",
            "How far the host's clock is ahead of Auth0's; negative: behind.");
  out.Value(sample.clock_skew_seconds);
  out.Gauge("logexport_store_readable",
            "1 if the store could be read for this scrape; 0: what comes from it is older.");
  out.Value(sample.store_readable ? 1 : 0);
  AddProcessMetrics(&out);
  return out.Text();
}

void ServiceMetrics::AddLogs(PerExporter detail, Exposition* out) const {
  std::vector<std::pair<std::string, std::shared_ptr<ExporterCounters>>> exporters;
  if (detail == PerExporter::kFull) {
    MutexLock lock(&mutex_);
    exporters.assign(exporters_.begin(), exporters_.end());
  }
  out->Counter("logexport_logs_total",
               "Logs that were settled, by what became of them; as the ledgers of reports.");
  if (detail != PerExporter::kFull) AddLogCounts(totals_, "", out);
  for (const auto& [id, counters] : exporters) AddLogCounts(*counters, id, out);
  out->Counter("logexport_late_logs_total",
               "Logs that became visible late, were found by reading again, and were settled.");
  if (detail != PerExporter::kFull) out->Value(AsDouble(totals_.late_logs));
  for (const auto& [id, counters] : exporters) {
    out->Value(AsDouble(counters->late_logs), {{"exporter", id}});
  }
}

void ServiceMetrics::AddRuns(Exposition* out) const {
  out->Counter("logexport_runs_total", "Runs that ended.");
  for (const auto& [labels, counter] : runs_.all()) {
    out->Value(AsDouble(*counter),
               {{"trigger", labels[0]}, {"state", labels[1]}, {"stop_reason", labels[2]}});
  }
  out->Gauge("logexport_active_runs", "Runs that are being executed, by kind.");
  for (const auto& [labels, gauge] : active_runs_.all()) {
    out->Value(static_cast<double>(gauge->value()), {{"kind", labels[0]}});
  }
  out->Counter("logexport_fires_total",
               "Times that schedules named: a run was started, skipped because one was active or "
               "the exporter paused, or missed because the service was down.");
  for (const auto& [labels, counter] : fires_.all()) {
    out->Value(AsDouble(*counter), {{"result", labels[0]}});
  }
  const std::pair<const char*, const char*> kNamed[] = {
      {"logexport_run_duration_seconds", "How long runs took."},
      {"logexport_page_duration_seconds", "How long a run waited for a page of logs."},
      {"logexport_batch_duration_seconds", "How long an attempt to send a batch took."},
      {"logexport_commit_duration_seconds", "How long a commit of progress took."}};
  const DurationHistogram* const histograms[] = {&run_duration_, &page_duration_, &batch_duration_,
                                                 &commit_duration_};
  for (std::size_t i = 0; i < std::size(histograms); ++i) {
    out->Histogram(kNamed[i].first, kNamed[i].second);
    out->Value(*histograms[i]);
  }
  out->Gauge("logexport_batches_in_flight", "Batches that are being sent.");
  out->Value(static_cast<double>(batches_in_flight_.value()));
  out->Gauge("logexport_events_unsettled", "Events of the batches that are being sent.");
  out->Value(static_cast<double>(events_unsettled_.value()));
  out->Counter("logexport_fenced_commits_total",
               "Commits that were refused because another writer had overtaken the run.");
  for (const auto& [labels, counter] : fenced_commits_.all()) {
    out->Value(AsDouble(*counter), {{"reason", labels[0]}});
  }
}

void ServiceMetrics::AddExchanges(Exposition* out) const {
  out->Counter("logexport_upstream_requests_total",
               "HTTP requests that were answered (code) or not (code none).");
  for (const auto& [labels, counter] : requests_.all()) {
    out->Value(AsDouble(*counter),
               {{"target", labels[0]}, {"operation", labels[1]}, {"code", labels[2]}});
  }
  out->Histogram("logexport_upstream_request_duration_seconds",
                 "How long HTTP requests took, from sending to the last byte of the answer.");
  for (const auto& [labels, histogram] : request_duration_.all()) {
    out->Value(*histogram, {{"target", labels[0]}, {"operation", labels[1]}});
  }
  out->Counter("logexport_retries_total", "Attempts of runs that were repeated, by why.");
  for (const auto& [labels, counter] : retries_.all()) {
    out->Value(AsDouble(*counter), {{"target", labels[0]}, {"reason", labels[1]}});
  }
  out->Counter("logexport_limit_wait_seconds_total",
               "Time that stages of runs have waited to keep to a rate limit.");
  for (const auto& [labels, counter] : limit_wait_.all()) {
    out->Value(counter->seconds(), {{"target", labels[0]}});
  }
  out->Counter("logexport_notifications_total",
               "Messages that were sent, put off to be tried again, or given up.");
  for (const auto& [labels, counter] : messages_.all()) {
    out->Value(AsDouble(*counter), {{"channel", labels[0]}, {"result", labels[1]}});
  }
  out->Counter("logexport_trace_spans_total",
               "Spans of traces that the collector took, refused, or did not get.");
  out->Value(AsDouble(spans_.sent), {{"result", "sent"}});
  out->Value(AsDouble(spans_.rejected), {{"result", "rejected"}});
  out->Value(AsDouble(spans_.dropped), {{"result", "dropped"}});
  out->Counter("logexport_store_errors_total", "Transactions that the store failed.");
  for (const auto& [labels, counter] : store_errors_.all()) {
    out->Value(AsDouble(*counter), {{"class", labels[0]}});
  }
  out->Counter("logexport_store_in_doubt_total",
               "Runs whose last commit may be stored although its answer was lost.");
  out->Value(AsDouble(store_in_doubt_));
  out->Counter("logexport_store_unreplicated_commits_total",
               "Commits of which the database said that no standby has confirmed them.");
  out->Value(AsDouble(unreplicated_commits_));
}

void ServiceMetrics::AddMembers(const ServiceSample& sample, Exposition* out) const {
  out->Gauge("logexport_owned_exporters", "Exporters that this process runs.");
  out->Value(static_cast<double>(sample.exporters.size()));
  out->Gauge("logexport_unowned_exporters", "Exporters that no process that is heard of runs.");
  out->Value(static_cast<double>(sample.unowned_exporters));
  out->Gauge("logexport_members", "Processes that are heard of in the store, this one included.");
  out->Value(static_cast<double>(sample.members));
  out->Gauge("logexport_lease_trust_seconds",
             "For how much longer this process works for its exporters if the store does not hear "
             "of it; 0 when it does not.");
  if (sample.lease_trust_seconds.has_value()) out->Value(*sample.lease_trust_seconds);
  out->Counter("logexport_takeovers_total",
               "Exporters that this process took, by whether their owner was not heard of any more "
               "or nobody owned them.");
  for (const auto& [labels, counter] : takeovers_.all()) {
    out->Value(AsDouble(*counter), {{"reason", labels[0]}});
  }
  out->Counter("logexport_moves_total", "Exporters that this process gave back, by why.");
  for (const auto& [labels, counter] : moves_.all()) {
    out->Value(AsDouble(*counter), {{"reason", labels[0]}});
  }
}

void ServiceMetrics::AddCalls(Exposition* out) const {
  std::vector<std::pair<std::pair<std::string, std::string>, const DurationHistogram*>> calls;
  {
    MutexLock lock(&mutex_);
    for (const auto& [labels, histogram] : calls_) calls.emplace_back(labels, histogram.get());
  }
  out->Histogram("logexport_rpc_server_call_duration_seconds",
                 "How long calls of the API took, by method and canonical status.");
  for (const auto& [labels, histogram] : calls) {
    out->Value(*histogram,
               {{"rpc_method", labels.first}, {"rpc_response_status_code", labels.second}});
  }
  out->Counter("logexport_auth_failures_total", "Calls refused because of who called.");
  for (const auto& [labels, counter] : auth_failures_.all()) {
    out->Value(AsDouble(*counter), {{"result", labels[0]}});
  }
  out->Counter("logexport_console_logins_total", "Attempts to log in to the console.");
  for (const auto& [labels, counter] : logins_.all()) {
    out->Value(AsDouble(*counter), {{"result", labels[0]}});
  }
}

void ServiceMetrics::AddProtection(const ServiceSample& sample, Exposition* out) const {
  std::optional<bool> intact;
  std::map<std::string, double> certificates;
  {
    MutexLock lock(&mutex_);
    intact = audit_intact_;
    certificates = certificate_expiry_;
  }
  out->Counter("logexport_audit_entries_total", "Entries of the audit that were ever written.");
  out->Value(static_cast<double>(sample.audit_entries));
  out->Gauge("logexport_audit_chain_ok",
             "1 if the last check of the whole audit found it intact, else 0.");
  if (intact.has_value()) out->Value(*intact ? 1 : 0);
  out->Gauge("logexport_secret_rows", "Stored secrets by the key that they are encrypted with.");
  for (const auto& [key, count] : sample.secret_rows) {
    out->Value(static_cast<double>(count), {{"key_id", key}});
  }
  out->Gauge("logexport_tls_certificate_expiry_timestamp_seconds",
             "When a certificate that the service uses expires, as Unix time.");
  for (const auto& [purpose, time] : certificates) out->Value(time, {{"purpose", purpose}});
}

}  // namespace logexport
