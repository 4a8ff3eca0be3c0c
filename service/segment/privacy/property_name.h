#ifndef LOGEXPORT_SERVICE_SEGMENT_PRIVACY_PROPERTY_NAME_H_
#define LOGEXPORT_SERVICE_SEGMENT_PRIVACY_PROPERTY_NAME_H_

#include <string>

#include "absl/strings/string_view.h"

namespace logexport {

// Whether `key` is a property name already: lower-case ASCII letters, digits and single underscores
// between them.
bool IsPropertyName(absl::string_view key);

// The property name that stands for any key of a log: snake_case, so that the names of warehouse
// columns do not depend on who spelt the key ("isMobile" → "is_mobile", "userID" → "user_id",
// "$event_schema" → "event_schema"). ASCII characters other than letters and digits become
// underscores, runs of them one, those at the ends none; text outside ASCII stays. Never empty, at
// most 200 bytes, never in need of escaping in JSON.
std::string PropertyName(absl::string_view key);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_SEGMENT_PRIVACY_PROPERTY_NAME_H_
