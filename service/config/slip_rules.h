#ifndef LOGEXPORT_SERVICE_CONFIG_SLIP_RULES_H_
#define LOGEXPORT_SERVICE_CONFIG_SLIP_RULES_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace logexport {

// Rules against slips of writing: values that are well-formed but can never work. Without them the
// service would start, match nothing, and report success. Errors are INVALID_ARGUMENT and continue
// a sentence about the field; no error repeats the text, so secrets may be passed.

// Refuses quotes around the text (env files of containers keep them), white space around it, a
// variable that nothing has replaced ($NAME, ${NAME}, {{ name }}, %NAME%), and a placeholder
// (<your client id>).
absl::Status CheckForSlips(absl::string_view text);

// Refuses what CheckForSlips does, and characters that no code, id or field name of Auth0 has:
// quotes, brackets, commas, asterisks and the signs of other query languages. They are left over
// from another way of writing lists.
absl::Status CheckListItem(absl::string_view text);

// Refuses a reference to a secret that would be taken for the secret itself: ENV:NAME, env=NAME.
absl::Status CheckLiteralSecret(absl::string_view text);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_CONFIG_SLIP_RULES_H_
