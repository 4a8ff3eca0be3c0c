#include "service/config/value_parser.h"

#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include <google/protobuf/descriptor.h>
#include <google/protobuf/duration.pb.h>
#include <google/protobuf/message.h>

#include "service/base/duration_text.h"
#include "service/base/spelling.h"
#include "service/base/status_macros.h"
#include "service/config/schema.h"

namespace logexport {
namespace {

using ::google::protobuf::EnumDescriptor;
using ::google::protobuf::EnumValueDescriptor;
using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::Message;
using ::google::protobuf::Reflection;

absl::Status NotUnderstood(absl::string_view text, absl::string_view allowed) {
  return absl::InvalidArgumentError(absl::StrCat("is ", Quoted(text), "; write ", allowed));
}

// EVENT_MAPPING_LOG_EVENT of EventMapping → log-event.
std::string ShortName(const EnumValueDescriptor& value) {
  // Every value is named after its enum, as buf lint requires; the zero value is that prefix and
  // UNSPECIFIED.
  const std::string zero = std::string(value.type()->FindValueByNumber(0)->name());
  const std::string prefix = std::string(absl::StripSuffix(zero, "UNSPECIFIED"));
  const std::string name = std::string(value.name());
  return absl::AsciiStrToLower(absl::StrReplaceAll(absl::StripPrefix(name, prefix), {{"_", "-"}}));
}

absl::StatusOr<int> ParseEnum(const EnumDescriptor& type, absl::string_view text) {
  const std::string wanted = absl::StrReplaceAll(absl::AsciiStrToLower(text), {{"_", "-"}});
  int number = 0;
  const bool numeric = absl::SimpleAtoi(text, &number);
  std::vector<std::string> names;
  for (int i = 0; i < type.value_count(); ++i) {
    const EnumValueDescriptor& value = *type.value(i);
    if (value.number() == 0) continue;
    names.push_back(ShortName(value));
    const std::string full =
        absl::StrReplaceAll(absl::AsciiStrToLower(std::string(value.name())), {{"_", "-"}});
    if (wanted == names.back() || wanted == full || (numeric && number == value.number())) {
      return value.number();
    }
  }
  const std::string nearest = NearestWord(text, names);
  return absl::InvalidArgumentError(absl::StrCat(
      "is ", Quoted(text), nearest.empty() ? "" : absl::StrCat(" (did you mean ", nearest, "?)"),
      "; write one of ", absl::StrJoin(names, ", ")));
}

absl::StatusOr<std::int64_t> ParseInteger(absl::string_view text, std::int64_t lowest,
                                          std::int64_t highest) {
  std::int64_t number = 0;
  if (!absl::SimpleAtoi(text, &number) || number < lowest || number > highest) {
    return NotUnderstood(text, absl::StrCat("a whole number of at most ", highest));
  }
  return number;
}

absl::Status SetDuration(const FieldDescriptor& field, absl::string_view text, Message* message) {
  const std::optional<absl::Duration> duration = ParseDurationText(text);
  if (!duration.has_value()) {
    return NotUnderstood(text, "a duration with its unit, such as 90s, 5m, 1h30m or 2d");
  }
  google::protobuf::Duration value;
  absl::Duration rest;
  value.set_seconds(absl::IDivDuration(*duration, absl::Seconds(1), &rest));
  value.set_nanos(static_cast<std::int32_t>(rest / absl::Nanoseconds(1)));
  const Reflection* reflection = message->GetReflection();
  (field.is_repeated() ? reflection->AddMessage(message, &field)
                       : reflection->MutableMessage(message, &field))
      ->CopyFrom(value);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<bool> ParseBool(absl::string_view text) {
  const std::string word = absl::AsciiStrToLower(absl::StripAsciiWhitespace(text));
  for (const absl::string_view yes : {"true", "yes", "on", "1"}) {
    if (word == yes) return true;
  }
  for (const absl::string_view no : {"false", "no", "off", "0"}) {
    if (word == no) return false;
  }
  return NotUnderstood(text, "true or false");
}

absl::Status SetFromText(const FieldDescriptor& field, absl::string_view text, Message* message) {
  const Reflection* reflection = message->GetReflection();
  if (field.is_repeated()) {
    if (IsDuration(field)) return SetDuration(field, text, message);
    if (field.cpp_type() != FieldDescriptor::CPPTYPE_STRING) {
      return absl::InternalError("no text form for lists of this type");
    }
    reflection->AddString(message, &field, std::string(text));
    return absl::OkStatus();
  }
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      reflection->SetString(message, &field, std::string(text));
      return absl::OkStatus();
    case FieldDescriptor::CPPTYPE_BOOL: {
      ASSIGN_OR_RETURN(const bool value, ParseBool(text));
      reflection->SetBool(message, &field, value);
      return absl::OkStatus();
    }
    case FieldDescriptor::CPPTYPE_INT32: {
      ASSIGN_OR_RETURN(const std::int64_t value,
                       ParseInteger(text, std::numeric_limits<std::int32_t>::min(),
                                    std::numeric_limits<std::int32_t>::max()));
      reflection->SetInt32(message, &field, static_cast<std::int32_t>(value));
      return absl::OkStatus();
    }
    case FieldDescriptor::CPPTYPE_INT64: {
      ASSIGN_OR_RETURN(const std::int64_t value,
                       ParseInteger(text, std::numeric_limits<std::int64_t>::min(),
                                    std::numeric_limits<std::int64_t>::max()));
      reflection->SetInt64(message, &field, value);
      return absl::OkStatus();
    }
    case FieldDescriptor::CPPTYPE_ENUM: {
      ASSIGN_OR_RETURN(const int value, ParseEnum(*field.enum_type(), text));
      reflection->SetEnumValue(message, &field, value);
      return absl::OkStatus();
    }
    case FieldDescriptor::CPPTYPE_MESSAGE:
      if (IsDuration(field)) return SetDuration(field, text, message);
      break;
    default:
      break;
  }
  return absl::InternalError(absl::StrCat("no text form for ", std::string(field.full_name())));
}

}  // namespace logexport
