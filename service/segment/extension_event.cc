#include "service/segment/extension_event.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/str_cat.h"

#include "service/base/quoted_text.h"

namespace logexport {
namespace {

// Reads the members of the object called `key` among `fields`; none if it is anything else.
void ReadMember(const std::vector<JsonField>& fields, absl::string_view key, JsonReader& reader,
                std::vector<JsonField>* members) {
  members->clear();
  const JsonField* found = nullptr;
  for (const JsonField& field : fields) {
    if (field.key == key) found = &field;
  }
  if (found == nullptr || found->value.kind != JsonKind::kObject) return;
  if (reader.ReadObject(found->value.text, members) != JsonReader::Outcome::kRead) members->clear();
}

}  // namespace

bool IsExtensionType(absl::string_view code) { return code == "s" || code == "ss" || code == "f"; }

std::string ExtensionEventName(const LogType& type) {
  if (!type.extension_name.empty()) return std::string(type.extension_name);
  return absl::StrCat("Unknown Log Type: ", type.code);
}

void ExtensionProperties::Append(absl::string_view profile, std::string* out) {
  merged_.clear();
  if (!profile.empty() &&
      profile_reader_.ReadObject(profile, &profile_) == JsonReader::Outcome::kRead) {
    ReadMember(profile_, "user_metadata", user_metadata_reader_, &merged_);
    ReadMember(profile_, "app_metadata", app_metadata_reader_, &app_metadata_);
    std::copy_if(profile_.begin(), profile_.end(), std::back_inserter(merged_),
                 [](const JsonField& field) {
                   return field.key != "user_metadata" && field.key != "app_metadata";
                 });
    merged_.insert(merged_.end(), app_metadata_.begin(), app_metadata_.end());
    KeepLastOfEachKey(&merged_);
  }
  *out += ",\"properties\":{";
  const char* separator = "";
  for (const JsonField& field : merged_) {
    *out += separator;
    separator = ",";
    AppendJsonString(field.key, out);
    out->push_back(':');
    AppendValue(field.value, out);
  }
  out->push_back('}');
}

}  // namespace logexport
