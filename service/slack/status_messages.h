// What Slack is told about an exporter as such: alarms, the daily report, tests. Pure, and as
// discreet as the messages about runs (run_messages.h).
#ifndef LOGEXPORT_SERVICE_SLACK_STATUS_MESSAGES_H_
#define LOGEXPORT_SERVICE_SLACK_STATUS_MESSAGES_H_

#include <string>

#include "absl/strings/string_view.h"

#include "service/export/notifier.h"

namespace logexport {

// No run has succeeded for so and so many periods of the schedule.
std::string SilencePayload(const SilenceNews& news);
// One has again.
std::string SilenceOverPayload(const SilenceNews& news);

// Green only if runs took place and none failed, warned or wrote dead letters. An unknown time zone
// shows times in UTC.
std::string DailyReportPayload(const DailyNews& news);

// Says that the webhook works; of `audit` only the reason is shown.
std::string TestPayload(absl::string_view exporter, const Route& route, const Audit& audit);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_SLACK_STATUS_MESSAGES_H_
