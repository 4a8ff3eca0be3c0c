#ifndef LOGEXPORT_SERVICE_JSON_ONDEMAND_H_
#define LOGEXPORT_SERVICE_JSON_ONDEMAND_H_

// What json_reader.cc and json_tree.cc share of their dealings with simdjson. Not for other files:
// the header of simdjson takes seconds to compile.

#include "absl/strings/string_view.h"
#include <simdjson.h>

#include "service/base/ascii_space.h"
#include "service/json/json_text.h"
#include "service/json/misplaced_key.h"

namespace logexport {

namespace ondemand = simdjson::ondemand;

// The text of a scalar, or the opening bracket of a container. Empty for what can be no value
// there.
inline absl::string_view Token(ondemand::value& value) {
  const std::string_view token = value.raw_json_token();
  if (IsMisplacedKey(token)) return {};
  return StripTrailingSpace(absl::string_view(token.data(), token.size()));
}

inline JsonKind KindOf(ondemand::json_type type) {
  switch (type) {
    case ondemand::json_type::object:
      return JsonKind::kObject;
    case ondemand::json_type::array:
      return JsonKind::kArray;
    case ondemand::json_type::string:
      return JsonKind::kString;
    case ondemand::json_type::number:
      return JsonKind::kNumber;
    case ondemand::json_type::boolean:
      return JsonKind::kBool;
    case ondemand::json_type::null:
      return JsonKind::kNull;
  }
  return JsonKind::kNull;
}

// Passes over an object or array without looking into it. False if it does not end.
inline bool PassOver(ondemand::value& value, absl::string_view* text) {
  std::string_view raw;
  ondemand::object object;
  if (value.get_object().get(object) == simdjson::SUCCESS) {
    if (object.raw_json().get(raw) != simdjson::SUCCESS) return false;
  } else {
    ondemand::array array;
    if (value.get_array().get(array) != simdjson::SUCCESS) return false;
    if (array.raw_json().get(raw) != simdjson::SUCCESS) return false;
  }
  *text = StripTrailingSpace(absl::string_view(raw.data(), raw.size()));
  return true;
}

// What stands between the quotes of a field's key. simdjson knows where a key and its value begin;
// the key ends right before the colon, nearly always, so that looking back from the value takes no
// search.
inline absl::string_view KeyContent(ondemand::field& field) {
  const char* const start = field.key().raw();
  const char* end = field.value().raw_json_token().data() - 2;
  while (*end != '"') --end;
  return {start, static_cast<std::size_t>(end - start)};
}

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_JSON_ONDEMAND_H_
