#include "tests/sandbox/auth0/json_fields.h"

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"
#include <simdjson.h>

#include "service/json/json_writer.h"

namespace logexport::sandbox {
namespace {

namespace ondemand = simdjson::ondemand;
using simdjson::SUCCESS;

// The bytes of a value: numbers too large for any type, and spellings, survive.
bool RawValue(ondemand::value value, std::string* raw) {
  ondemand::json_type type;
  std::string_view text;
  if (value.type().get(type) != SUCCESS) {
    return false;
  }
  if (type == ondemand::json_type::object) {
    ondemand::object object;
    if (value.get_object().get(object) != SUCCESS || object.raw_json().get(text) != SUCCESS) {
      return false;
    }
  } else if (type == ondemand::json_type::array) {
    ondemand::array array;
    if (value.get_array().get(array) != SUCCESS || array.raw_json().get(text) != SUCCESS) {
      return false;
    }
  } else {
    text = value.raw_json_token();
  }
  *raw = std::string(absl::StripAsciiWhitespace({text.data(), text.size()}));
  return true;
}

}  // namespace

std::optional<std::vector<std::pair<std::string, std::string>>> ReadFields(absl::string_view json) {
  const simdjson::padded_string padded(json.data(), json.size());
  ondemand::parser parser;
  ondemand::document document;
  ondemand::object object;
  if (parser.iterate(padded).get(document) != SUCCESS ||
      document.get_object().get(object) != SUCCESS) {
    return std::nullopt;
  }
  std::vector<std::pair<std::string, std::string>> fields;
  for (auto item : object) {
    std::string_view key;
    ondemand::value value;
    std::string raw;
    if (item.unescaped_key().get(key) != SUCCESS || item.value().get(value) != SUCCESS ||
        !RawValue(value, &raw)) {
      return std::nullopt;
    }
    fields.emplace_back(std::string(key), std::move(raw));
  }
  // A location left means that something follows the object.
  if (document.current_location().error() != simdjson::OUT_OF_BOUNDS) {
    return std::nullopt;
  }
  return fields;
}

std::string StringField(absl::string_view json, absl::string_view field) {
  const auto fields = ReadFields(json);
  if (!fields.has_value()) {
    return {};
  }
  for (const auto& [key, raw] : *fields) {
    if (key != field) {
      continue;
    }
    simdjson::dom::parser parser;
    std::string_view text;
    return parser.parse(raw).get(text) == SUCCESS ? std::string(text) : std::string();
  }
  return {};
}

std::string SelectFields(absl::string_view json, const std::optional<std::string>& fields,
                         bool include) {
  const auto all = fields.has_value() && !fields->empty() ? ReadFields(json) : std::nullopt;
  if (!all.has_value()) {
    return std::string(json);
  }
  const absl::flat_hash_set<std::string> named = absl::StrSplit(*fields, ',');
  JsonWriter writer;
  writer.BeginObject();
  for (const auto& [key, raw] : *all) {
    if (named.contains(key) == include) {
      writer.Key(key).Raw(raw);
    }
  }
  writer.EndObject();
  return std::move(writer).Take();
}

}  // namespace logexport::sandbox
