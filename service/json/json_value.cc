#include "service/json/json_value.h"

#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

#include "service/base/quoted_text.h"
#include "service/base/status_macros.h"
#include "service/json/ondemand.h"

namespace logexport {
namespace {

constexpr int kMaxParseDepth = 512;

// Where each key of an object stands among its members.
class MemberPlaces {
 public:
  // The member with the name `key`; a new one at the end if there was none.
  JsonValue& Member(std::string key, std::vector<JsonValue>* members) {
    const std::size_t place = PlaceOf(key, *members);
    if (place == members->size()) members->emplace_back();
    JsonValue& member = (*members)[place];
    member = JsonValue();
    member.key = std::move(key);
    return member;
  }

 private:
  static constexpr std::size_t kFew = 16;

  std::size_t PlaceOf(const std::string& key, const std::vector<JsonValue>& members) {
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

enum class TooDeep { kRefuse, kFold };

class TreeBuilder {
 public:
  TreeBuilder(int max_depth, TooDeep too_deep) : max_depth_(max_depth), too_deep_(too_deep) {}

  bool Build(ondemand::value value, int depth, JsonValue* node) {
    ondemand::json_type type;
    if (value.type().get(type) != simdjson::SUCCESS) return false;
    if (++nodes_ > kMaxJsonNodes) return Refuse("holds too many values");
    node->kind = KindOf(type);
    if (!node->is_container()) return BuildScalar(TokenOf(value), node);
    if (depth > max_depth_) return BuildDeep(value, node);
    return node->is_object() ? BuildObject(value, depth, node) : BuildArray(value, depth, node);
  }

  bool mended() const { return mended_; }

  // Why Build answered false.
  absl::Status Refusal() const {
    return absl::InvalidArgumentError(absl::StrCat("not valid JSON: the text ", problem_));
  }

 private:
  bool Refuse(const char* problem) {
    problem_ = problem;
    return false;
  }

  bool BuildObject(ondemand::value value, int depth, JsonValue* node) {
    ondemand::object object;
    if (value.get_object().get(object) != simdjson::SUCCESS) return false;
    MemberPlaces places;
    for (auto member : object) {
      ondemand::field field;
      if (std::move(member).get(field) != simdjson::SUCCESS) return false;
      const absl::string_view key = KeyContent(field);
      const JsonSoundness soundness = CheckStringContent(key);
      if (soundness == JsonSoundness::kBroken) return false;
      if (soundness == JsonSoundness::kLoneSurrogate) mended_ = true;
      JsonValue& child = places.Member(Unescape(key), &node->children);
      if (!Build(field.value(), depth + 1, &child)) return false;
    }
    return true;
  }

  bool BuildArray(ondemand::value value, int depth, JsonValue* node) {
    ondemand::array array;
    if (value.get_array().get(array) != simdjson::SUCCESS) return false;
    for (auto item : array) {
      ondemand::value element;
      if (std::move(item).get(element) != simdjson::SUCCESS) return false;
      if (!Build(element, depth + 1, &node->children.emplace_back())) return false;
    }
    return true;
  }

  bool BuildDeep(ondemand::value value, JsonValue* node) {
    if (too_deep_ == TooDeep::kRefuse) return Refuse("is nested too deep");
    JsonSlice slice{.text = {}, .kind = node->kind};
    if (!PassOver(value, &slice.text)) return false;
    if (CheckStringContent(slice.text) == JsonSoundness::kLoneSurrogate) {
      std::string sound;
      AppendMended(slice.text, &sound);
      slice.text = sound;
      AppendAsString(slice, &node->text);
      mended_ = true;
    } else {
      AppendAsString(slice, &node->text);
    }
    node->kind = JsonKind::kString;
    node->deep = true;
    return true;
  }

  bool BuildScalar(absl::string_view token, JsonValue* node) {
    switch (CheckScalar(token)) {
      case JsonSoundness::kSound:
        node->text = std::string(token);
        return true;
      case JsonSoundness::kLoneSurrogate:
        AppendMended(token, &node->text);
        mended_ = true;
        return true;
      case JsonSoundness::kBroken:
        return false;
    }
    return false;
  }

  const int max_depth_;
  const TooDeep too_deep_;
  const char* problem_ = "is not well-formed";
  std::size_t nodes_ = 0;
  bool mended_ = false;
};

// Whether nothing but white space follows what was read.
bool AtEnd(ondemand::document& document) {
  return document.current_location().error() == simdjson::OUT_OF_BOUNDS;
}

absl::StatusOr<JsonValue> BuildTree(const simdjson::padded_string& json, int max_depth,
                                    TooDeep too_deep) {
  TreeBuilder builder(max_depth, too_deep);
  ondemand::parser parser;
  ondemand::document document;
  ondemand::value root;
  JsonValue value;
  const bool built = parser.iterate(json).get(document) == simdjson::SUCCESS &&
                     document.get_value().get(root) == simdjson::SUCCESS &&
                     builder.Build(root, 1, &value) && AtEnd(document);
  if (!built) return builder.Refusal();
  value.mended = builder.mended();
  return value;
}

const std::vector<JsonValue>& NoValues() {
  static const auto* const kNone = new std::vector<JsonValue>();
  return *kNone;
}

}  // namespace

absl::StatusOr<JsonValue> JsonValue::Parse(absl::string_view json) {
  // In an array, since the parser treats a scalar in a document of its own differently.
  const std::string array = absl::StrCat("[", json, "]");
  ASSIGN_OR_RETURN(JsonValue list,
                   BuildTree(simdjson::padded_string(array), kMaxParseDepth + 1, TooDeep::kRefuse));
  if (list.children.size() != 1) {
    return absl::InvalidArgumentError("not valid JSON: the text is not one value");
  }
  list.children.front().mended = list.mended;
  return std::move(list.children.front());
}

absl::StatusOr<JsonValue> JsonValue::ParseFolded(absl::string_view json, int max_depth) {
  return BuildTree(simdjson::padded_string(json.data(), json.size()), max_depth, TooDeep::kFold);
}

bool JsonValue::Bool(bool fallback) const {
  return kind == JsonKind::kBool ? text == "true" : fallback;
}

std::int64_t JsonValue::Int(std::int64_t fallback) const {
  std::int64_t value = 0;
  return kind == JsonKind::kNumber && absl::SimpleAtoi(text, &value) ? value : fallback;
}

double JsonValue::Double(double fallback) const {
  double value = 0;
  return kind == JsonKind::kNumber && absl::SimpleAtod(text, &value) ? value : fallback;
}

std::string JsonValue::String(absl::string_view fallback) const {
  return is_string() ? Unescape(content()) : std::string(fallback);
}

std::string JsonValue::ScalarText() const {
  if (is_string()) return Unescape(content());
  return is_null() ? "" : text;
}

const std::vector<JsonValue>& JsonValue::items() const {
  return is_array() ? children : NoValues();
}

const std::vector<JsonValue>& JsonValue::members() const {
  return is_object() ? children : NoValues();
}

const JsonValue& JsonValue::operator[](absl::string_view name) const {
  static const auto* const kNull = new JsonValue();
  const JsonValue* const member = is_object() ? Find(name) : nullptr;
  return member == nullptr ? *kNull : *member;
}

const JsonValue* JsonValue::Find(absl::string_view name) const {
  for (const JsonValue& child : children) {
    if (child.key == name) return &child;
  }
  return nullptr;
}

JsonValue* JsonValue::Find(absl::string_view name) {
  return const_cast<JsonValue*>(std::as_const(*this).Find(name));
}

void JsonValue::SetString(absl::string_view value) {
  kind = JsonKind::kString;
  children.clear();
  text.clear();
  AppendJsonString(value, &text);
}

void AppendJson(const JsonValue& value, std::string* out) {
  if (!value.is_container()) {
    *out += value.text;
    return;
  }
  out->push_back(value.is_object() ? '{' : '[');
  for (const JsonValue& child : value.children) {
    if (&child != &value.children.front()) out->push_back(',');
    if (value.is_object()) {
      AppendJsonString(child.key, out);
      out->push_back(':');
    }
    AppendJson(child, out);
  }
  out->push_back(value.is_object() ? '}' : ']');
}

}  // namespace logexport
