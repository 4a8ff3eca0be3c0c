#ifndef LOGEXPORT_SERVICE_WEBHOOK_WEBHOOK_SIGNATURE_H_
#define LOGEXPORT_SERVICE_WEBHOOK_WEBHOOK_SIGNATURE_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace logexport {

// The value of the header `webhook-signature` as the Standard Webhooks specification 1.0 has it:
// "v1," and the base64 of HMAC-SHA-256 over ID.TIMESTAMP.BODY, the timestamp in seconds since 1970.
// `secret` is `whsec_` and the base64 of the key, or, in any other form, the key itself.
std::string WebhookSignature(absl::string_view secret, absl::string_view id, absl::Time time,
                             absl::string_view body);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_WEBHOOK_WEBHOOK_SIGNATURE_H_
