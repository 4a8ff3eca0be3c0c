// What Slack is told about a run that ended. Pure: news in, payload out.
//
// No message holds a log's description, a user's name or anything else out of a log but its id, and
// none holds a secret: a channel has more readers than the service's log.
#ifndef LOGEXPORT_SERVICE_SLACK_RUN_MESSAGES_H_
#define LOGEXPORT_SERVICE_SLACK_RUN_MESSAGES_H_

#include <string>

#include "service/export/notifier.h"

namespace logexport {

// For a run in state kFailed, of any kind: the error in words, what to do, the checkpoint, and the
// command that exports again what the run left. `reminder`: failures were announced before.
std::string RunFailedPayload(const RunNews& news, bool reminder);

// For the first success after announced failures.
std::string RunRecoveredPayload(const RunNews& news);

// For a run in state kSucceeded. Yellow if it wrote dead letters or warnings.
std::string RunSucceededPayload(const RunNews& news);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_SLACK_RUN_MESSAGES_H_
