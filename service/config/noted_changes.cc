#include "service/config/noted_changes.h"

#include "absl/strings/match.h"

namespace logexport {

void NoteChangedFields(const std::vector<std::string>& changed_fields, absl::Time now,
                       ExporterRecord* exporter) {
  for (const std::string& field : changed_fields) {
    if (absl::StartsWith(field, "schedule.")) exporter->last_fire = now;
    if (field == "slack.webhook") {
      exporter->slack_failing_since.reset();
      exporter->slack_failure.clear();
    }
    if (absl::StartsWith(field, "webhook.")) {
      exporter->webhook_failing_since.reset();
      exporter->webhook_failure.clear();
    }
  }
}

}  // namespace logexport
