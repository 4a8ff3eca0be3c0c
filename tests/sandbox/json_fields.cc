#include "tests/sandbox/json_fields.h"

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include <simdjson.h>

#include "service/base/json_writer.h"

namespace logexport::sandbox {

std::string SelectFields(absl::string_view json, const std::optional<std::string>& fields,
                         bool include) {
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (!fields.has_value() || fields->empty() ||
      parser.parse(json.data(), json.size()).get(object) != simdjson::SUCCESS) {
    return std::string(json);
  }
  const absl::flat_hash_set<std::string> named = absl::StrSplit(*fields, ',');
  JsonWriter writer;
  writer.BeginObject();
  for (const auto& [key, value] : object) {
    if (named.contains(absl::string_view(key.data(), key.size())) == include) {
      writer.Key({key.data(), key.size()}).Raw(simdjson::minify(value));
    }
  }
  writer.EndObject();
  return std::move(writer).Take();
}

std::string StringField(absl::string_view json, absl::string_view field) {
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  std::string_view value;
  if (parser.parse(json.data(), json.size()).get(object) != simdjson::SUCCESS ||
      object[std::string_view(field.data(), field.size())].get(value) != simdjson::SUCCESS) {
    return {};
  }
  return std::string(value);
}

}  // namespace logexport::sandbox
