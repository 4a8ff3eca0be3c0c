#ifndef LOGEXPORT_TESTS_SANDBOX_JSON_FIELDS_H_
#define LOGEXPORT_TESTS_SANDBOX_JSON_FIELDS_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace logexport::sandbox {

// What Auth0's `fields` and `include_fields` parameters do: of the JSON object only the top-level
// fields named in the comma-separated list, or all others. Without a list, or if `json` is no
// object, the object as it is.
std::string SelectFields(absl::string_view json, const std::optional<std::string>& fields,
                         bool include);

// The text of a top-level string field of a JSON object; empty if there is none.
std::string StringField(absl::string_view json, absl::string_view field);

}  // namespace logexport::sandbox

#endif  // LOGEXPORT_TESTS_SANDBOX_JSON_FIELDS_H_
