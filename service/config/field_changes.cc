#include "service/config/field_changes.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include <google/protobuf/util/json_util.h>

#include "service/base/duration_text.h"
#include "service/base/utf8.h"
#include "service/config/presented_config.h"
#include "service/config/schema.h"

namespace logexport {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// A history is read, not copied: long lists are cut.
constexpr std::size_t kLongestValue = 500;

// LOG_LEVEL_ERROR of enum LogLevel → error.
std::string EnumText(const google::protobuf::EnumValueDescriptor& value) {
  std::string prefix;
  for (const char c : value.type()->name()) {
    if (absl::ascii_isupper(static_cast<unsigned char>(c)) && !prefix.empty()) prefix += '_';
    prefix += absl::ascii_toupper(static_cast<unsigned char>(c));
  }
  const std::string& name = value.name();
  return absl::AsciiStrToLower(
      absl::StrReplaceAll(absl::StripPrefix(name, absl::StrCat(prefix, "_")), {{"_", "-"}}));
}

std::string MessageText(const Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string json;
  const auto status = google::protobuf::util::MessageToJsonString(message, &json, options);
  return status.ok() ? json : "";
}

// The value of a field, or of its element `index`.
std::string ValueText(const Message& holder, const FieldDescriptor& field, int index) {
  const google::protobuf::Reflection& r = *holder.GetReflection();
  const bool list = index >= 0;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return list ? r.GetRepeatedString(holder, &field, index) : r.GetString(holder, &field);
    case FieldDescriptor::CPPTYPE_BOOL:
      return (list ? r.GetRepeatedBool(holder, &field, index) : r.GetBool(holder, &field))
                 ? "true"
                 : "false";
    case FieldDescriptor::CPPTYPE_INT32:
      return absl::StrCat(list ? r.GetRepeatedInt32(holder, &field, index)
                               : r.GetInt32(holder, &field));
    case FieldDescriptor::CPPTYPE_INT64:
      return absl::StrCat(list ? r.GetRepeatedInt64(holder, &field, index)
                               : r.GetInt64(holder, &field));
    case FieldDescriptor::CPPTYPE_ENUM:
      return EnumText(
          *(list ? r.GetRepeatedEnum(holder, &field, index) : r.GetEnum(holder, &field)));
    case FieldDescriptor::CPPTYPE_MESSAGE: {
      const Message& value =
          list ? r.GetRepeatedMessage(holder, &field, index) : r.GetMessage(holder, &field);
      if (!IsDuration(field)) return MessageText(value);
      google::protobuf::Duration duration;
      duration.CopyFrom(value);
      return FormatDurationText(ToDuration(duration));
    }
    default:
      return "";
  }
}

std::string TextOfSetting(const v1::ExporterConfig& config, const ConfigField& field) {
  if (!IsSet(config, field)) return "";
  const Message& holder = HolderOf(config, field);
  const FieldDescriptor& descriptor = field.descriptor();
  std::string text;
  if (descriptor.is_repeated()) {
    const int count = holder.GetReflection()->FieldSize(holder, &descriptor);
    std::vector<std::string> elements;
    for (int i = 0; i < count; ++i) elements.push_back(ValueText(holder, descriptor, i));
    text = absl::StrJoin(elements, ",");
  } else {
    text = ValueText(holder, descriptor, -1);
  }
  if (text.size() <= kLongestValue) return text;
  return absl::StrCat(TruncateUtf8(text, kLongestValue), "…");
}

}  // namespace

std::vector<v1::FieldChange> ChangesBetween(const v1::ExporterConfig& before,
                                            const v1::ExporterConfig& after,
                                            const std::vector<std::string>& fields) {
  // Masked by the one function that masks what readers see; defaults stay unset.
  v1::ExporterConfig shown[] = {before, after};
  for (v1::ExporterConfig& config : shown) {
    const v1::ExporterConfig presented = PresentedConfig(config);
    for (const ConfigField& field : ConfigFields()) {
      if (field.secret && IsSet(config, field)) CopyField(presented, field, &config);
    }
  }
  std::vector<v1::FieldChange> changes;
  for (const ConfigField& field : ConfigFields()) {
    if (std::find(fields.begin(), fields.end(), field.path) == fields.end()) continue;
    v1::FieldChange change;
    change.set_field(field.path);
    change.set_old_value(TextOfSetting(shown[0], field));
    change.set_new_value(TextOfSetting(shown[1], field));
    changes.push_back(std::move(change));
  }
  return changes;
}

std::vector<AuditedChange> AuditedChanges(const std::vector<v1::FieldChange>& changes) {
  std::vector<AuditedChange> audited;
  for (const v1::FieldChange& change : changes) {
    audited.push_back({change.field(), change.old_value(), change.new_value()});
  }
  return audited;
}

}  // namespace logexport
