#ifndef LOGEXPORT_SERVICE_WEBHOOK_NOTIFICATION_EVENT_H_
#define LOGEXPORT_SERVICE_WEBHOOK_NOTIFICATION_EVENT_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "service/export/notifier.h"

namespace logexport {

// News as the JSON that programs get. event.schema.json beside this file is its reference: members
// are only ever added, and what is there keeps its meaning.
//
// `now` is when the news is told. The id of an event follows from what it tells, so that a receiver
// recognises what it gets twice.
std::string RunFailedEvent(const RunNews& news, bool reminder, absl::Time now);
std::string RunRecoveredEvent(const RunNews& news, absl::Time now);
std::string RunSucceededEvent(const RunNews& news, absl::Time now);
std::string SilenceEvent(const SilenceNews& news, absl::Time now);
std::string SilenceOverEvent(const SilenceNews& news, absl::Time now);
std::string DailyReportEvent(const DailyNews& news, absl::Time now);
std::string TestEvent(absl::string_view exporter, const Route& route, const Audit& audit,
                      absl::Time now);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_WEBHOOK_NOTIFICATION_EVENT_H_
