#ifndef LOGEXPORT_SERVICE_JSON_JSON_MEMBERS_H_
#define LOGEXPORT_SERVICE_JSON_JSON_MEMBERS_H_

#include <optional>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"

namespace logexport {

// The members of a small JSON object (a token, an error) whose values are strings or numbers:
// strings unescaped, numbers as their text, other values left out. Nothing when `json` is no
// well-formed object.
std::optional<absl::flat_hash_map<std::string, std::string>> JsonTextMembers(
    absl::string_view json);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_JSON_JSON_MEMBERS_H_
