#ifndef LOGEXPORT_SERVICE_BASE_SNAKE_CASE_H_
#define LOGEXPORT_SERVICE_BASE_SNAKE_CASE_H_

#include <string>

#include "absl/strings/string_view.h"

namespace logexport {

// Whether `name` is in snake_case already: lower-case ASCII letters, digits and single underscores
// between them, at most 200 bytes.
bool IsSnakeCase(absl::string_view name);

// Any name in snake_case ("isMobile" → "is_mobile", "userID" → "user_id", "$event_schema" →
// "event_schema"), so that names do not depend on who spelt them. ASCII characters other than
// letters and digits become underscores; several of them become one, and those at the ends go. Text
// outside ASCII stays. Never empty, at most 200 bytes, never in need of escaping in JSON.
std::string SnakeCase(absl::string_view name);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_BASE_SNAKE_CASE_H_
