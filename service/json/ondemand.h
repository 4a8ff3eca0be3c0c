#ifndef LOGEXPORT_SERVICE_JSON_ONDEMAND_H_
#define LOGEXPORT_SERVICE_JSON_ONDEMAND_H_

// What the files that read JSON with simdjson's On-Demand share. Only for .cc files: simdjson's
// header takes seconds to compile.

#include <cstring>
#include <string_view>

#include "absl/strings/string_view.h"
#include <simdjson.h>

#include "service/base/ascii_space.h"
#include "service/json/json_text.h"

namespace logexport {

namespace ondemand = simdjson::ondemand;

// Whether a value is a string with a colon behind it: a key in the place of a value, {"a":"b":1}.
// When such a value is left where it is, simdjson passes over it as if it were a key, loses count
// of the brackets, and takes what stands behind them for part of the same object. `raw_token` is
// the value's raw_json_token(), which reaches to the next token.
inline bool IsMisplacedKey(std::string_view raw_token) {
  return raw_token.front() == '"' && raw_token.data()[raw_token.size()] == ':';
}

// The text of a scalar, or the opening bracket of a container. Empty for what can be no value
// there.
inline absl::string_view TokenOf(ondemand::value& value) {
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

inline bool HasEscape(absl::string_view text) {
  return !text.empty() && std::memchr(text.data(), '\\', text.size()) != nullptr;
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
