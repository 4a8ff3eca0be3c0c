#include "client/cli/render_value.h"

#include <cstdint>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"

#include "client/cli/api_schema.h"
#include "client/cli/render_json.h"
#include "client/cli/text_table.h"
#include "client/cli/time_input.h"
#include "logexport/v1/configuration.pb.h"
#include "service/base/count_text.h"
#include "service/base/duration_text.h"

namespace logexport::cli {
namespace {

namespace pb = google::protobuf;

bool IsOfType(const pb::FieldDescriptor* field, absl::string_view type) {
  return field->cpp_type() == pb::FieldDescriptor::CPPTYPE_MESSAGE &&
         std::string(field->message_type()->full_name()) == type;
}

absl::Duration SecondsAndNanos(const pb::Message& message) {
  const auto* type = message.GetDescriptor();
  const auto* r = message.GetReflection();
  return absl::Seconds(r->GetInt64(message, type->FindFieldByName("seconds"))) +
         absl::Nanoseconds(r->GetInt32(message, type->FindFieldByName("nanos")));
}

// Exact where that is short (1h30m), else to two units (3s of 3.456789s).
std::string FormatDurationForPeople(absl::Duration duration) {
  const std::string exact = FormatDurationText(duration);
  int units = 0;
  for (std::size_t i = 1; i < exact.size(); ++i) {
    units += absl::ascii_isalpha(static_cast<unsigned char>(exact[i])) &&
                     absl::ascii_isdigit(static_cast<unsigned char>(exact[i - 1]))
                 ? 1
                 : 0;
  }
  const bool odd = absl::StrContains(exact, "ms") && exact.size() > 5;
  return units <= 2 && !odd && !absl::StrContains(exact, "us") ? exact
                                                               : FormatRoughDuration(duration);
}

// "schedule.cron: @hourly → @daily". A setting, whose name is a path, has its default where it has
// no value; anything else has nothing.
std::string FormatChange(const pb::Message& message) {
  v1::FieldChange change;
  if (!change.ParseFromString(message.SerializeAsString())) return "";
  const bool setting = absl::StrContains(change.field(), '.');
  const auto shown = [setting](const std::string& value) {
    if (value.empty()) return std::string(setting ? "(default)" : "none");
    return Printable(value);
  };
  return absl::StrCat(Printable(change.field()), ": ", shown(change.old_value()), " → ",
                      shown(change.new_value()));
}

std::string FormatMessage(const pb::Message& message, const pb::FieldDescriptor* field,
                          const TableStyle& style) {
  if (IsTime(field)) return FormatTimeLong(TimeOf(message), style.now, style.zone);
  if (IsDuration(field)) return FormatDurationForPeople(DurationOf(message));
  if (IsOfType(field, "logexport.v1.FieldChange")) return FormatChange(message);
  std::string json = ToJson(message, JsonStyle::kRequest);
  if (IsOfType(field, "google.protobuf.FieldMask") && json.size() >= 2) {
    json = json.substr(1, json.size() - 2);
  }
  return Printable(json);
}

}  // namespace

bool IsTime(const pb::FieldDescriptor* field) {
  return IsOfType(field, "google.protobuf.Timestamp");
}
bool IsDuration(const pb::FieldDescriptor* field) {
  return IsOfType(field, "google.protobuf.Duration");
}

bool IsNestedMessage(const pb::FieldDescriptor* field) {
  return field->cpp_type() == pb::FieldDescriptor::CPPTYPE_MESSAGE && !IsTime(field) &&
         !IsDuration(field) && !field->is_map() && !IsOfType(field, "google.protobuf.FieldMask");
}

bool IsNumber(const pb::FieldDescriptor* field) {
  switch (field->cpp_type()) {
    case pb::FieldDescriptor::CPPTYPE_INT32:
    case pb::FieldDescriptor::CPPTYPE_INT64:
    case pb::FieldDescriptor::CPPTYPE_UINT32:
    case pb::FieldDescriptor::CPPTYPE_UINT64:
    case pb::FieldDescriptor::CPPTYPE_FLOAT:
    case pb::FieldDescriptor::CPPTYPE_DOUBLE:
      return !field->is_repeated();
    default:
      return false;
  }
}

bool IsCount(const pb::FieldDescriptor* field) { return IsNumber(field) && !field->has_presence(); }

bool IsEmpty(const pb::Message& message, const pb::FieldDescriptor* field) {
  const auto* r = message.GetReflection();
  return field->is_repeated() ? r->FieldSize(message, field) == 0 : !r->HasField(message, field);
}

std::string FormatTimeCell(const pb::Message& message, const pb::FieldDescriptor* field,
                           const TableStyle& style, bool with_clock) {
  const absl::Time time = TimeOf(message.GetReflection()->GetMessage(message, field));
  std::string relative = FormatRelative(time, style.now);
  if (!with_clock) return relative;
  // The year only where it is another one.
  const bool this_year =
      absl::ToCivilYear(time, style.zone) == absl::ToCivilYear(style.now, style.zone);
  return absl::StrCat(
      absl::FormatTime(this_year ? "%m-%d %H:%M" : "%Y-%m-%d %H:%M", time, style.zone), " (",
      relative, ")");
}

std::string FormatField(const pb::Message& message, const pb::FieldDescriptor* field,
                        const TableStyle& style) {
  if (!field->is_repeated()) return FormatValue(message, field, -1, style);
  std::vector<std::string> values;
  for (int i = 0; i < message.GetReflection()->FieldSize(message, field); ++i) {
    if (!field->is_map()) {
      values.push_back(FormatValue(message, field, i, style));
      continue;
    }
    const pb::Message& entry = message.GetReflection()->GetRepeatedMessage(message, field, i);
    values.push_back(
        absl::StrCat(FormatValue(entry, field->message_type()->map_key(), -1, style), " ",
                     FormatValue(entry, field->message_type()->map_value(), -1, style)));
  }
  return absl::StrJoin(values, ", ");
}

std::string FormatValue(const pb::Message& message, const pb::FieldDescriptor* field, int index,
                        const TableStyle& style) {
  const auto* r = message.GetReflection();
  const bool list = index >= 0;
  switch (field->cpp_type()) {
    case pb::FieldDescriptor::CPPTYPE_MESSAGE:
      return FormatMessage(
          list ? r->GetRepeatedMessage(message, field, index) : r->GetMessage(message, field),
          field, style);
    case pb::FieldDescriptor::CPPTYPE_STRING: {
      const std::string text =
          list ? r->GetRepeatedString(message, field, index) : r->GetString(message, field);
      return field->type() == pb::FieldDescriptor::TYPE_BYTES ? absl::Base64Escape(text)
                                                              : Printable(text);
    }
    case pb::FieldDescriptor::CPPTYPE_ENUM: {
      const int number =
          list ? r->GetRepeatedEnumValue(message, field, index) : r->GetEnumValue(message, field);
      const auto* value = field->enum_type()->FindValueByNumber(number);
      // A newer service may know more values than this program.
      return value == nullptr ? absl::StrCat("value ", number) : ShortEnumName(value);
    }
    case pb::FieldDescriptor::CPPTYPE_BOOL:
      return (list ? r->GetRepeatedBool(message, field, index) : r->GetBool(message, field)) ? "yes"
                                                                                             : "no";
    case pb::FieldDescriptor::CPPTYPE_INT32:
      return GroupDigits(absl::StrCat(list ? r->GetRepeatedInt32(message, field, index)
                                           : r->GetInt32(message, field)));
    case pb::FieldDescriptor::CPPTYPE_INT64:
      return GroupDigits(absl::StrCat(list ? r->GetRepeatedInt64(message, field, index)
                                           : r->GetInt64(message, field)));
    case pb::FieldDescriptor::CPPTYPE_UINT32:
      return GroupDigits(absl::StrCat(list ? r->GetRepeatedUInt32(message, field, index)
                                           : r->GetUInt32(message, field)));
    case pb::FieldDescriptor::CPPTYPE_UINT64:
      return GroupDigits(absl::StrCat(list ? r->GetRepeatedUInt64(message, field, index)
                                           : r->GetUInt64(message, field)));
    case pb::FieldDescriptor::CPPTYPE_FLOAT:
      return absl::StrFormat(
          "%g", list ? r->GetRepeatedFloat(message, field, index) : r->GetFloat(message, field));
    case pb::FieldDescriptor::CPPTYPE_DOUBLE:
      return absl::StrFormat(
          "%g", list ? r->GetRepeatedDouble(message, field, index) : r->GetDouble(message, field));
  }
  return "";
}

absl::Time TimeOf(const pb::Message& timestamp) {
  return absl::UnixEpoch() + SecondsAndNanos(timestamp);
}
absl::Duration DurationOf(const pb::Message& duration) { return SecondsAndNanos(duration); }

}  // namespace logexport::cli
