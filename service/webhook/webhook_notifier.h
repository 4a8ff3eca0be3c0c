#ifndef LOGEXPORT_SERVICE_WEBHOOK_WEBHOOK_NOTIFIER_H_
#define LOGEXPORT_SERVICE_WEBHOOK_WEBHOOK_NOTIFIER_H_

#include <memory>

#include "service/base/clock.h"
#include "service/export/notifier.h"
#include "service/http/transport.h"

namespace logexport {

// The notifier for programs: posts events (notification_event.h), signed as the Standard Webhooks
// specification says, with the time of the attempt. Answers are taken so:
//   sent       any 2xx
//   try later  no answer, 408, 425, 5xx; 429 and 503, with the time that Retry-After asks for
//   refused    every other: the receiver is gone, or wants something else; redirects are not
//              followed, since the address is a secret
// An answer that got lost leads to a second copy with the same `webhook-id`. Thread-safe; `http`
// and `clock` must outlive it.
std::unique_ptr<Notifier> MakeWebhookNotifier(HttpTransport& http, Clock& clock);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_WEBHOOK_WEBHOOK_NOTIFIER_H_
