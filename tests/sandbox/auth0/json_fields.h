#ifndef LOGEXPORT_TESTS_SANDBOX_AUTH0_JSON_FIELDS_H_
#define LOGEXPORT_TESTS_SANDBOX_AUTH0_JSON_FIELDS_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace logexport::sandbox {

// The top-level fields of a JSON object with their values as written, in their order; nothing if
// `json` is no object. Values are looked at only as far as needed to find their end.
std::optional<std::vector<std::pair<std::string, std::string>>> ReadFields(absl::string_view json);

// The text of a top-level string field of a JSON object; empty if there is none.
std::string StringField(absl::string_view json, absl::string_view field);

// What Auth0's `fields` and `include_fields` parameters do: of the JSON object only the top-level
// fields named in the comma-separated list, or all others. Without a list, or if `json` is no
// object, the text as it is.
std::string SelectFields(absl::string_view json, const std::optional<std::string>& fields,
                         bool include);

}  // namespace logexport::sandbox

#endif  // LOGEXPORT_TESTS_SANDBOX_AUTH0_JSON_FIELDS_H_
