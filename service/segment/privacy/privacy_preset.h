#ifndef LOGEXPORT_SERVICE_SEGMENT_PRIVACY_PRIVACY_PRESET_H_
#define LOGEXPORT_SERVICE_SEGMENT_PRIVACY_PRIVACY_PRESET_H_

#include <optional>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

#include "service/export/settings.h"

namespace logexport {

// Whether values under this key, wherever it stands, say who a person is or how to reach them:
// Auth0's own list for log streams (first_name, given_name, last_name, family_name, email, phone,
// phone_number, old_ and new_phone_number, address, username, user_name) and what it leaves out
// (user ids, IP addresses, nicknames, pictures, dates of birth …). Underscores, dashes and case do
// not matter. `path` is that of the value, with the key as its last part: a `name` is a person's
// only in some places.
bool IsPersonal(absl::Span<const absl::string_view> path);

// Whether values under this key are credentials: passwords, tokens, codes, secrets, and links that
// hold one.
bool IsCredential(absl::Span<const absl::string_view> path);

// What the preset STANDARD does to a string or number at `path`, or to all in the object or array
// there.
std::optional<PrivacyAction> StandardAction(absl::Span<const absl::string_view> path,
                                            bool is_container);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_SEGMENT_PRIVACY_PRIVACY_PRESET_H_
