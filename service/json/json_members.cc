#include "service/json/json_members.h"

#include <simdjson.h>

namespace logexport {

std::optional<absl::flat_hash_map<std::string, std::string>> JsonTextMembers(
    absl::string_view json) {
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (parser.parse(json.data(), json.size()).get_object().get(object) != simdjson::SUCCESS) {
    return std::nullopt;
  }
  absl::flat_hash_map<std::string, std::string> members;
  for (const simdjson::dom::key_value_pair member : object) {
    std::string_view text;
    if (member.value.is_number()) {
      members[std::string(member.key)] = simdjson::minify(member.value);
    } else if (member.value.get_string().get(text) == simdjson::SUCCESS) {
      members[std::string(member.key)] = std::string(text);
    }
  }
  return members;
}

}  // namespace logexport
