#ifndef LOGEXPORT_SERVICE_JSON_JSON_TREE_H_
#define LOGEXPORT_SERVICE_JSON_JSON_TREE_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

#include "service/json/json_slice_reader.h"
#include "service/json/json_text.h"

namespace logexport {

// A JSON document to be changed, for the events that cannot be built by copying slices: those that
// privacy rules apply to, and those that are too large. Scalars keep their text.
struct JsonNode {
  JsonKind kind = JsonKind::kNull;
  // Was a container nested too deep to be looked into, and is now a string of its JSON text.
  bool deep = false;
  bool replaced = false;  // free for those who change the tree
  std::string key;        // of a member of an object; unescaped
  std::string text;       // of a scalar, as in JSON (strings with their quotes)
  std::vector<JsonNode> children;

  bool is_container() const { return kind == JsonKind::kObject || kind == JsonKind::kArray; }
  bool is_string() const { return kind == JsonKind::kString; }
  // Of a string: its content, still escaped, and what it stands for.
  absl::string_view content() const { return absl::string_view(text).substr(1, text.size() - 2); }
  std::string value() const { return Unescape(content()); }
  void SetString(absl::string_view value);

  // The member of that name, or null.
  JsonNode* Find(absl::string_view name);
};

// A tree takes some hundred bytes for each value, however short. Few events and logs have more than
// a thousand.
inline constexpr std::size_t kMaxJsonNodes = 200'000;

// Nothing if `json`, an object or array, is not sound, or has more than kMaxJsonNodes values. Of
// members of the same name only the last remains; lone surrogates become U+FFFD.
std::optional<JsonNode> ParseJson(absl::string_view json, int max_depth = kMaxJsonDepth);

void AppendJson(const JsonNode& node, std::string* out);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_JSON_JSON_TREE_H_
