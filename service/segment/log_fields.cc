#include "service/segment/log_fields.h"

#include "absl/strings/str_cat.h"

#include "service/base/snake_case.h"
#include "service/segment/unique_names.h"

namespace logexport {
namespace {

enum class Known {
  kNone,
  kDropped,  // said elsewhere in the event
  kIdCopy,
  kUserId,
  kUserName,
  kClientId,
  kDate,
  kDescription,
  kIp,
  kUserAgent,
  kScope,
  kDetails,
  kLocationInfo,
  kIsMobile,
  kEventSchema,
};

Known KnownField(absl::string_view key) {
  switch (key.size()) {
    case 2:
      return key == "ip" ? Known::kIp : key == "id" ? Known::kIdCopy : Known::kNone;
    case 3:
      return key == "_id" ? Known::kIdCopy : Known::kNone;
    case 4:
      return key == "date" ? Known::kDate : key == "type" ? Known::kDropped : Known::kNone;
    case 5:
      return key == "scope" ? Known::kScope : Known::kNone;
    case 6:
      return key == "log_id" ? Known::kDropped : Known::kNone;
    case 7:
      return key == "user_id" ? Known::kUserId : key == "details" ? Known::kDetails : Known::kNone;
    case 8:
      return key == "isMobile" ? Known::kIsMobile : Known::kNone;
    case 9:
      return key == "client_id"   ? Known::kClientId
             : key == "user_name" ? Known::kUserName
                                  : Known::kNone;
    case 10:
      return key == "user_agent" ? Known::kUserAgent : Known::kNone;
    case 11:
      return key == "description" ? Known::kDescription : Known::kNone;
    case 13:
      return key == "location_info"   ? Known::kLocationInfo
             : key == "$event_schema" ? Known::kEventSchema
                                      : Known::kNone;
    default:
      return Known::kNone;
  }
}

// Names of properties that events have anyway, or that mean something else to Segment (HTTP API
// docs: revenue, currency, value). Those of the fields above are here for keys that become them
// ("userId").
bool IsTaken(absl::string_view name) {
  switch (name.size()) {
    case 2:
      return name == "id" || name == "ip";
    case 4:
      return name == "date" || name == "type";
    case 5:
      return name == "level" || name == "scope" || name == "value";
    case 6:
      return name == "log_id";
    case 7:
      return name == "details" || name == "revenue" || name == "user_id";
    case 8:
      return name == "category" || name == "currency";
    case 9:
      return name == "client_id" || name == "truncated" || name == "user_name";
    case 10:
      return name == "user_agent";
    case 11:
      return name == "description";
    case 12:
      return name == "invalid_utf8";
    case 13:
      return name == "location_info";
    case 16:
      return name == "timestamp_source";
    default:
      return false;
  }
}

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
  KeepLastOfEachKey(&fields_);
  Take(fields_, log.id);
  mended = lone_surrogates;
  return true;
}

void LogFields::Take(const std::vector<JsonField>& fields, absl::string_view log_id) {
  Clear();
  const auto add = [this](absl::string_view name, const JsonField& field) {
    if (field.value.is_null()) return;
    if (name != field.key) made_names_.push_back(others.size());
    others.push_back({.key = name, .value = field.value});
  };
  for (const JsonField& field : fields) {
    switch (KnownField(field.key)) {
      case Known::kDropped:
        break;
      case Known::kIdCopy:
        if (Identifier(field.value) != log_id) add("auth0_id", field);
        break;
      case Known::kUserId:
        user_id = field.value;
        break;
      case Known::kUserName:
        user_name = field.value;
        add(field.key, field);
        break;
      case Known::kClientId:
        client_id = field.value;
        add(field.key, field);
        break;
      case Known::kDate:
        date = field.value;
        break;
      case Known::kDescription:
        description = field.value;
        break;
      case Known::kIp:
        ip = field.value;
        break;
      case Known::kUserAgent:
        user_agent = field.value;
        break;
      case Known::kScope:
        scope = field.value;
        break;
      case Known::kDetails:
        details = field.value;
        break;
      case Known::kLocationInfo:
        location_info = field.value;
        break;
      case Known::kIsMobile:
        add("is_mobile", field);
        break;
      case Known::kEventSchema:
        add("event_schema", field);
        break;
      case Known::kNone:
        absl::string_view name = field.key;
        if (!IsSnakeCase(name)) name = names_.emplace_back(SnakeCase(name));
        if (IsTaken(name)) name = names_.emplace_back(absl::StrCat("auth0_", name));
        add(name, field);
    }
  }
  MakeNamesUnique(made_names_, &others, &names_);
}

}  // namespace logexport
