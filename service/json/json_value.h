#ifndef LOGEXPORT_SERVICE_JSON_JSON_VALUE_H_
#define LOGEXPORT_SERVICE_JSON_JSON_VALUE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "service/json/json_text.h"

namespace logexport {

// A tree takes some hundred bytes for each value, however short. Few events and logs have more than
// a thousand.
inline constexpr std::size_t kMaxJsonNodes = 200'000;

// A JSON document as a tree of values, to be read or changed: answers of an API, stored columns,
// and those events that cannot be built by copying slices (json_slice_reader.h) because privacy
// rules apply to them or they are too large. Scalars keep the text they came in.
//
// A value of another kind than asked for reads as the fallback, and a member that is absent as
// null, so that reading an answer with odd fields needs no checks:
//
//   ASSIGN_OR_RETURN(const JsonValue answer, JsonValue::Parse(body));
//   const std::int64_t seconds = answer["expires_in"].Int(3600);
struct JsonValue {
  JsonKind kind = JsonKind::kNull;
  // Whether ParseFolded made this string of an array or object that is nested too deep.
  bool deep = false;
  // Of what Parse and ParseFolded return: whether lone surrogates in it became U+FFFD.
  bool mended = false;
  bool replaced = false;            // for the use of whoever changes the tree
  std::string key;                  // of a member of an object; unescaped
  std::string text;                 // of a scalar, as in JSON (strings with their quotes)
  std::vector<JsonValue> children;  // members of an object, or elements of an array, in order

  // Reads one complete document in UTF-8. INVALID_ARGUMENT if it is not JSON, is nested deeper than
  // 512 levels, holds more than kMaxJsonNodes values, or if anything but white space follows it.
  // The message never quotes the document. Of members of the same name only the last one remains,
  // in the place of the first; lone surrogates become U+FFFD.
  static absl::StatusOr<JsonValue> Parse(absl::string_view json);

  // The same for an object or array that may be nested deeper: an array or object below `max_depth`
  // levels becomes a string of its JSON text, and is not looked into.
  static absl::StatusOr<JsonValue> ParseFolded(absl::string_view json,
                                               int max_depth = kMaxJsonDepth);

  bool is_null() const { return kind == JsonKind::kNull; }
  bool is_string() const { return kind == JsonKind::kString; }
  bool is_object() const { return kind == JsonKind::kObject; }
  bool is_array() const { return kind == JsonKind::kArray; }
  bool is_container() const { return is_object() || is_array(); }

  bool Bool(bool fallback = false) const;
  // A number with a fraction, with an exponent or beyond 64 bits is no integer.
  std::int64_t Int(std::int64_t fallback = 0) const;
  double Double(double fallback = 0) const;  // also of integers
  // Of a string: what it stands for, unescaped.
  std::string String(absl::string_view fallback = "") const;
  // What any scalar stands for: strings unescaped, other scalars as their text. Empty for null,
  // arrays and objects.
  std::string ScalarText() const;

  // Of an array: its elements; empty for any other kind.
  const std::vector<JsonValue>& items() const;
  // Of an object: its members; empty for any other kind.
  const std::vector<JsonValue>& members() const;
  // The member of that name, or a null value.
  const JsonValue& operator[](absl::string_view name) const;

  // The member of that name, or nullptr.
  JsonValue* Find(absl::string_view name);
  const JsonValue* Find(absl::string_view name) const;

  // Of a string: what stands between its quotes, still escaped.
  absl::string_view content() const { return absl::string_view(text).substr(1, text.size() - 2); }
  // Makes this value a string, without changing its key.
  void SetString(absl::string_view value);
};

// Appends the JSON text of `value`, without white space.
void AppendJson(const JsonValue& value, std::string* out);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_JSON_JSON_VALUE_H_
