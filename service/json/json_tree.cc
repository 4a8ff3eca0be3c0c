#include "service/json/json_tree.h"

#include <utility>

#include "absl/container/flat_hash_map.h"

#include "service/base/quoted_text.h"
#include "service/json/json_slice_reader.h"
#include "service/json/ondemand.h"

namespace logexport {
namespace {

// Where each key of an object stands among its members.
class MemberPlaces {
 public:
  // The member with the name `key`; a new one at the end if there was none.
  JsonNode& Member(std::string key, std::vector<JsonNode>* members) {
    const std::size_t place = PlaceOf(key, *members);
    if (place == members->size()) members->emplace_back();
    JsonNode& member = (*members)[place];
    member = JsonNode();
    member.key = std::move(key);
    return member;
  }

 private:
  static constexpr std::size_t kFew = 16;

  std::size_t PlaceOf(const std::string& key, const std::vector<JsonNode>& members) {
    if (members.size() < kFew) {
      std::size_t place = 0;
      while (place < members.size() && members[place].key != key) ++place;
      return place;
    }
    for (; indexed_ < members.size(); ++indexed_) places_.emplace(members[indexed_].key, indexed_);
    const auto found = places_.find(key);
    return found == places_.end() ? members.size() : found->second;
  }

  absl::flat_hash_map<std::string, std::size_t> places_;
  std::size_t indexed_ = 0;
};

class TreeBuilder {
 public:
  explicit TreeBuilder(int max_depth) : max_depth_(max_depth) {}

  bool Build(ondemand::value value, int depth, JsonNode* node) {
    ondemand::json_type type;
    if (value.type().get(type) != simdjson::SUCCESS || ++nodes_ > kMaxJsonNodes) return false;
    node->kind = KindOf(type);
    if (!node->is_container()) return BuildScalar(Token(value), node);
    if (depth > max_depth_) return BuildDeep(value, node);
    return node->kind == JsonKind::kObject ? BuildObject(value, depth, node)
                                           : BuildArray(value, depth, node);
  }

 private:
  bool BuildObject(ondemand::value value, int depth, JsonNode* node) {
    ondemand::object object;
    if (value.get_object().get(object) != simdjson::SUCCESS) return false;
    MemberPlaces places;
    for (auto member : object) {
      ondemand::field field;
      if (std::move(member).get(field) != simdjson::SUCCESS) return false;
      const absl::string_view key = KeyContent(field);
      if (CheckStringContent(key) == JsonSoundness::kBroken) return false;
      JsonNode& child = places.Member(Unescape(key), &node->children);
      if (!Build(field.value(), depth + 1, &child)) return false;
    }
    return true;
  }

  bool BuildArray(ondemand::value value, int depth, JsonNode* node) {
    ondemand::array array;
    if (value.get_array().get(array) != simdjson::SUCCESS) return false;
    for (auto item : array) {
      ondemand::value element;
      if (std::move(item).get(element) != simdjson::SUCCESS) return false;
      if (!Build(element, depth + 1, &node->children.emplace_back())) return false;
    }
    return true;
  }

  static bool BuildDeep(ondemand::value value, JsonNode* node) {
    JsonSlice slice{.text = {}, .kind = node->kind};
    if (!PassOver(value, &slice.text)) return false;
    AppendAsString(slice, &node->text);
    node->kind = JsonKind::kString;
    node->deep = true;
    return true;
  }

  static bool BuildScalar(absl::string_view token, JsonNode* node) {
    switch (CheckScalar(token)) {
      case JsonSoundness::kSound:
        node->text = std::string(token);
        return true;
      case JsonSoundness::kLoneSurrogate:
        AppendMended(token, &node->text);
        return true;
      case JsonSoundness::kBroken:
        return false;
    }
    return false;
  }

  const int max_depth_;
  std::size_t nodes_ = 0;
};

}  // namespace

void JsonNode::SetString(absl::string_view value) {
  kind = JsonKind::kString;
  children.clear();
  text.clear();
  AppendJsonString(value, &text);
}

JsonNode* JsonNode::Find(absl::string_view name) {
  for (JsonNode& child : children) {
    if (child.key == name) return &child;
  }
  return nullptr;
}

std::optional<JsonNode> ParseJson(absl::string_view json, int max_depth) {
  const simdjson::padded_string padded(json.data(), json.size());
  ondemand::parser parser;
  ondemand::document document;
  if (parser.iterate(padded).get(document) != simdjson::SUCCESS) return std::nullopt;
  ondemand::value root;
  if (document.get_value().get(root) != simdjson::SUCCESS) return std::nullopt;
  JsonNode node;
  if (!TreeBuilder(max_depth).Build(root, 1, &node)) return std::nullopt;
  return node;
}

void AppendJson(const JsonNode& node, std::string* out) {
  if (!node.is_container()) {
    *out += node.text;
    return;
  }
  const bool object = node.kind == JsonKind::kObject;
  out->push_back(object ? '{' : '[');
  for (const JsonNode& child : node.children) {
    if (&child != &node.children.front()) out->push_back(',');
    if (object) {
      AppendJsonString(child.key, out);
      out->push_back(':');
    }
    AppendJson(child, out);
  }
  out->push_back(object ? '}' : ']');
}

}  // namespace logexport
