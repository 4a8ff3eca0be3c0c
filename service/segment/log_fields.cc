#include "service/segment/log_fields.h"

#include "service/segment/unique_names.h"

namespace logexport {
namespace {

absl::string_view Identifier(const JsonSlice& value) {
  if (value.is_string()) return value.content();
  if (value.kind == JsonKind::kNumber) return value.text;
  return {};
}

}  // namespace

absl::string_view LogFields::user() const { return Identifier(user_id); }
absl::string_view LogFields::client() const { return Identifier(client_id); }

void LogFields::Clear() {
  user_id = user_name = client_id = date = description = JsonSlice();
  ip = user_agent = scope = details = location_info = JsonSlice();
  mended = false;
  others.clear();
  names_.clear();
  made_names_.clear();
}

bool LogFields::Read(const Log& log, bool details_as_text) {
  bool lone_surrogates = false;
  if (!log.members.empty()) {
    fields_.clear();
    for (const JsonPlace& place : log.members) fields_.push_back(FieldAt(place, log.raw));
  } else {
    const auto outcome = reader_.ReadObject(
        log.raw, &fields_, details_as_text ? absl::string_view("details") : absl::string_view());
    if (outcome != JsonReader::Outcome::kRead) return false;
    lone_surrogates = reader_.mended();
  }
  Take(fields_, log.id);
  if (meanings_.may_repeat()) {
    KeepLastOfEachKey(&fields_);
    Take(fields_, log.id);
  }
  mended = lone_surrogates;
  return true;
}

void LogFields::Take(const std::vector<JsonField>& fields, absl::string_view log_id) {
  Clear();
  meanings_.BeginLog();
  for (const JsonField& field : fields) {
    const KeyMeaning& meaning = meanings_.Of(field.key);
    switch (meaning.role) {
      case FieldRole::kDropped:
        break;
      case FieldRole::kIdCopy:
        if (Identifier(field.value) != log_id) AddOther(meaning, field);
        break;
      case FieldRole::kUserId:
        user_id = field.value;
        break;
      case FieldRole::kUserName:
        user_name = field.value;
        AddOther(meaning, field);
        break;
      case FieldRole::kClientId:
        client_id = field.value;
        AddOther(meaning, field);
        break;
      case FieldRole::kDate:
        date = field.value;
        break;
      case FieldRole::kDescription:
        description = field.value;
        break;
      case FieldRole::kIp:
        ip = field.value;
        break;
      case FieldRole::kUserAgent:
        user_agent = field.value;
        break;
      case FieldRole::kScope:
        scope = field.value;
        break;
      case FieldRole::kDetails:
        details = field.value;
        break;
      case FieldRole::kLocationInfo:
        location_info = field.value;
        break;
      case FieldRole::kProperty:
        AddOther(meaning, field);
    }
  }
  MakeNamesUnique(made_names_, &others, &names_);
}

void LogFields::AddOther(const KeyMeaning& meaning, const JsonField& field) {
  if (field.value.is_null()) return;
  if (meaning.name.empty()) {
    others.push_back(field);
  } else {
    made_names_.push_back(others.size());
    others.push_back({.key = meaning.name, .value = field.value});
  }
}

}  // namespace logexport
