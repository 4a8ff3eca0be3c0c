#ifndef LOGEXPORT_SERVICE_SLACK_SLACK_NOTIFIER_H_
#define LOGEXPORT_SERVICE_SLACK_SLACK_NOTIFIER_H_

#include <memory>

#include "service/base/clock.h"
#include "service/export/notifier.h"
#include "service/http/transport.h"

namespace logexport {

// The notifier for Slack's incoming webhooks, and for what speaks like them. Thread-safe; `http`
// and `clock` must outlive it.
std::unique_ptr<Notifier> MakeSlackNotifier(HttpTransport& http, Clock& clock);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_SLACK_SLACK_NOTIFIER_H_
