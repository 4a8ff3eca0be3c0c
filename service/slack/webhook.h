// One attempt to hand a message to Slack's incoming webhook.
#ifndef LOGEXPORT_SERVICE_SLACK_WEBHOOK_H_
#define LOGEXPORT_SERVICE_SLACK_WEBHOOK_H_

#include <stop_token>

#include "absl/strings/string_view.h"

#include "service/base/clock.h"
#include "service/export/notifier.h"
#include "service/http/transport.h"

namespace logexport {

// Posts `payload`, made by the functions of this folder, to `webhook`.
//   sent       200 with the body "ok"
//   try later  no answer, 408, 5xx; 429, where `retry_after` is what Slack asks for (up to an hour)
//   refused    400 and 413 after the same message as bare text was refused too; 401, 403, 404, 410
//              and all other answers: the webhook is gone or wrong, or something else answers there
// An answer that got lost may lead to a second copy of the message: better than none.
//
// The webhook is a secret, and the request says so: `http` is a RedactingTransport, which removes
// it from answers that repeat it. Source for the answers: Slack, "Incoming webhooks" and its 2016
// changelog.
Notifier::Outcome PostToSlack(HttpTransport& http, Clock& clock, absl::string_view webhook,
                              absl::string_view payload, const std::stop_token& stop);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_SLACK_WEBHOOK_H_
