#include "service/json/json_value.h"

#include <string_view>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "simdjson.h"

#include "service/base/status_macros.h"

namespace logexport {
namespace {

constexpr std::size_t kMaxDepth = 512;

std::string ToString(std::string_view text) { return std::string(text); }

}  // namespace

class JsonTreeBuilder {
 public:
  // As deep as the parser allows, which bounds the recursion.
  static JsonValue Build(simdjson::dom::element element) {
    JsonValue value;
    switch (element.type()) {
      case simdjson::dom::element_type::ARRAY: {
        value.kind_ = JsonValue::Kind::kArray;
        const auto array = simdjson::dom::array(element);
        value.items_.reserve(array.size());
        for (const simdjson::dom::element item : array) value.items_.push_back(Build(item));
        break;
      }
      case simdjson::dom::element_type::OBJECT: {
        value.kind_ = JsonValue::Kind::kObject;
        const auto object = simdjson::dom::object(element);
        value.members_.reserve(object.size());
        for (const auto& [name, member] : object) {
          value.members_.emplace_back(ToString(name), Build(member));
        }
        break;
      }
      case simdjson::dom::element_type::INT64:
        value.kind_ = JsonValue::Kind::kInt;
        value.int_ = std::int64_t(element);
        break;
      case simdjson::dom::element_type::UINT64:
        value.kind_ = JsonValue::Kind::kDouble;
        value.double_ = static_cast<double>(std::uint64_t(element));
        break;
      case simdjson::dom::element_type::DOUBLE:
        value.kind_ = JsonValue::Kind::kDouble;
        value.double_ = double(element);
        break;
      case simdjson::dom::element_type::STRING:
        value.kind_ = JsonValue::Kind::kString;
        value.string_ = ToString(std::string_view(element));
        break;
      case simdjson::dom::element_type::BOOL:
        value.kind_ = JsonValue::Kind::kBool;
        value.bool_ = bool(element);
        break;
      case simdjson::dom::element_type::NULL_VALUE:
        break;
    }
    return value;
  }
};

absl::StatusOr<JsonValue> JsonValue::Parse(absl::string_view json) {
  simdjson::dom::parser parser;
  if (const auto error = parser.allocate(json.size(), kMaxDepth); error != simdjson::SUCCESS) {
    return absl::ResourceExhaustedError(
        absl::StrCat("no memory to parse ", json.size(), " bytes of JSON"));
  }
  simdjson::dom::element root;
  if (const auto error = parser.parse(json.data(), json.size()).get(root);
      error != simdjson::SUCCESS) {
    return absl::InvalidArgumentError(
        absl::StrCat("not valid JSON: ", simdjson::error_message(error)));
  }
  return JsonTreeBuilder::Build(root);
}

bool JsonValue::Bool(bool fallback) const { return kind_ == Kind::kBool ? bool_ : fallback; }

std::int64_t JsonValue::Int(std::int64_t fallback) const {
  return kind_ == Kind::kInt ? int_ : fallback;
}

double JsonValue::Double(double fallback) const {
  if (kind_ == Kind::kInt) return static_cast<double>(int_);
  return kind_ == Kind::kDouble ? double_ : fallback;
}

absl::string_view JsonValue::String(absl::string_view fallback) const {
  return kind_ == Kind::kString ? absl::string_view(string_) : fallback;
}

const JsonValue& JsonValue::operator[](absl::string_view name) const {
  static const JsonValue* const kNull = new JsonValue();
  for (const Member& member : members_) {
    if (member.first == name) return member.second;
  }
  return *kNull;
}

}  // namespace logexport
