#include "service/config/loaded_config.h"

#include <utility>

#include "logexport/v1/config.pb.h"
#include "service/base/logging.h"
#include "service/base/status_macros.h"
#include "service/config/endpoints.h"
#include "service/config/resolved_settings.h"
#include "service/config/schema.h"
#include "service/config/serialization.h"
#include "service/http/url.h"

namespace logexport {

absl::StatusOr<LoadedConfig> LoadConfig(Transaction& tx, absl::string_view exporter) {
  ASSIGN_OR_RETURN(ExporterRecord record, tx.GetExporter(exporter));
  ASSIGN_OR_RETURN(ConfigVersion version, tx.GetConfig(exporter));
  ASSIGN_OR_RETURN(const v1::ExporterConfig stored, ParseStoredConfig(version.config));
  const v1::ExporterConfig config = WithDefaults(stored);
  ScheduleSpec spec;
  spec.cron = config.schedule().cron();
  spec.time_zone = config.schedule().time_zone();
  spec.jitter = ToDuration(config.schedule().jitter());
  spec.catch_up = config.schedule().catch_up();
  ASSIGN_OR_RETURN(Schedule schedule, Schedule::Create(spec));
  return LoadedConfig{std::move(record),
                      std::move(version),
                      std::move(schedule),
                      ToDuration(config.auth0().settle_delay()),
                      ToDuration(config.auth0().retention()),
                      ResolveCompleteness(config.completeness())};
}

absl::StatusOr<ExporterSettings> LoadSettings(const ExporterRecord& exporter,
                                              const ConfigVersion& version,
                                              std::int64_t message_generation,
                                              const SecretResolver& secrets) {
  ASSIGN_OR_RETURN(const v1::ExporterConfig config, ParseStoredConfig(version.config));
  ASSIGN_OR_RETURN(ResolvedSettings resolved,
                   ResolveSettings(exporter.id, config,
                                   {exporter.message_namespace, message_generation}, secrets));
  if (!resolved.slack.ok()) {
    LogWarning("there will be no messages to Slack",
               {{"exporter", exporter.id}, {"error", resolved.slack}});
  }
  return std::move(resolved.settings);
}

SlackSettings LoadSlackSettings(const ConfigVersion& version, const SecretResolver& secrets) {
  SlackSettings settings;
  const absl::StatusOr<v1::ExporterConfig> stored = ParseStoredConfig(version.config);
  if (!stored.ok()) return settings;
  const v1::SlackSettings slack = WithDefaults(*stored).slack();
  if (!slack.webhook().empty()) {
    absl::StatusOr<std::string> webhook = secrets.Resolve(slack.webhook());
    const absl::StatusOr<Url> url = ParseUrl(webhook.value_or(std::string()));
    if (url.ok() && secrets.MayBeSent(version.exporter, slack.webhook(), url->host).ok()) {
      settings.webhook = *std::move(webhook);
    }
  }
  settings.send_success = slack.send_success();
  if (slack.has_daily_report_hour()) settings.daily_report_hour = slack.daily_report_hour();
  settings.time_zone = slack.time_zone();
  settings.silence_periods = slack.silence_periods();
  settings.reminder_interval = ToDuration(slack.reminder_interval());
  const v1::ExporterConfig complete = WithDefaults(*stored);
  settings.tenant = TenantOfAudience(complete.auth0().audience()).value_or("");
  const absl::StatusOr<std::string> endpoint = SegmentBaseUrl(complete.segment().endpoint());
  if (endpoint.ok()) settings.destination = TenantOfAudience(*endpoint).value_or("");
  return settings;
}

ReportRetention LoadReportRetention(const ConfigVersion& version) {
  ReportRetention keep;
  const absl::StatusOr<v1::ExporterConfig> stored = ParseStoredConfig(version.config);
  if (!stored.ok()) return keep;
  const v1::ReportRetention reports = WithDefaults(*stored).reports();
  if (const absl::Duration age = ToDuration(reports.max_age()); age > absl::ZeroDuration()) {
    keep.max_age = age;
  }
  keep.max_count = reports.max_count();
  return keep;
}

}  // namespace logexport
