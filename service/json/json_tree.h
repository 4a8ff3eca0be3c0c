#ifndef LOGEXPORT_SERVICE_JSON_JSON_TREE_H_
#define LOGEXPORT_SERVICE_JSON_JSON_TREE_H_

#include <memory>
#include <string>

#include "absl/strings/string_view.h"

#include "service/json/json_text.h"

namespace logexport {

// A value of a JsonTree. Its texts live as long as the tree, or until its next ParseFolded.
struct JsonNode {
  absl::string_view key;  // of a member of an object; unescaped
  // Of a scalar: as in JSON, strings with their quotes.
  absl::string_view text;
  // Members of an object, or elements of an array, in order.
  JsonNode* first = nullptr;
  JsonNode* next = nullptr;  // the one behind this
  JsonKind kind = JsonKind::kNull;
  // Whether this string was an array or object that is nested too deep.
  bool deep = false;
  bool replaced = false;    // for the use of whoever changes the tree
  bool plain_key = false;   // the key needs no escapes
  bool plain_text = false;  // the string holds no escapes

  bool is_string() const { return kind == JsonKind::kString; }
  bool is_object() const { return kind == JsonKind::kObject; }
  bool is_array() const { return kind == JsonKind::kArray; }
  bool is_container() const { return is_object() || is_array(); }
  // Of a string: what stands between its quotes, still escaped.
  absl::string_view content() const { return text.substr(1, text.size() - 2); }

  // The member of that name, or nullptr.
  JsonNode* Find(absl::string_view name);
};

// What JsonValue is, for documents that are read by the thousand: values are slices of a copy of
// the document, and all memory is kept from one document to the next. One thread at a time.
class JsonTree {
 public:
  JsonTree();
  ~JsonTree();
  JsonTree(const JsonTree&) = delete;
  JsonTree& operator=(const JsonTree&) = delete;

  // Reads a document as JsonValue::ParseFolded does. False if that would answer an error.
  bool ParseFolded(absl::string_view json);

  JsonNode& root();
  // Whether lone surrogates in the document became U+FFFD.
  bool mended() const;

  // What any scalar stands for: strings unescaped, other scalars as their text. Empty for null,
  // arrays and objects.
  absl::string_view ScalarText(const JsonNode& node);
  // Makes this value a string, without changing its key.
  void SetString(absl::string_view value, JsonNode* node);
  void SetKey(std::string key, JsonNode* node);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// Appends the JSON text of `node`, without white space.
void AppendNode(const JsonNode& node, std::string* out);

// Removes those of the children of `parent` for which `goes` answers true. It is called once for
// each, in order.
template <typename Goes>
void RemoveChildrenIf(JsonNode* parent, Goes goes) {
  for (JsonNode** link = &parent->first; *link != nullptr;) {
    if (goes(**link)) {
      *link = (*link)->next;
    } else {
      link = &(*link)->next;
    }
  }
}

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_JSON_JSON_TREE_H_
