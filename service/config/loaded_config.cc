#include "service/config/loaded_config.h"

#include <utility>

#include "logexport/v1/config.pb.h"
#include "service/base/logging.h"
#include "service/base/status_macros.h"
#include "service/config/resolved_settings.h"
#include "service/config/schema.h"
#include "service/config/serialization.h"

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
  ASSIGN_OR_RETURN(ExporterSettings settings,
                   ResolveSettings(exporter.id, config,
                                   {exporter.message_namespace, message_generation}, secrets));
  for (const std::string& problem :
       {settings.notifications.slack.problem, settings.notifications.webhook.problem}) {
    if (problem.empty()) continue;
    LogWarning("there will be no messages", {{"exporter", exporter.id}, {"error", problem}});
  }
  return settings;
}

bool NamesReceivers(const ConfigVersion& version) {
  const absl::StatusOr<v1::ExporterConfig> stored = ParseStoredConfig(version.config);
  // Of one that cannot be read nothing is known.
  return !stored.ok() || stored->slack().has_webhook() || stored->webhook().has_url();
}

NotificationSettings LoadNotifications(const ConfigVersion& version,
                                       const SecretResolver& secrets) {
  const absl::StatusOr<v1::ExporterConfig> stored = ParseStoredConfig(version.config);
  if (!stored.ok()) return NotificationSettings();
  return ResolveNotifications(version.exporter, *stored, secrets);
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
