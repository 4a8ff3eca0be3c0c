#include "service/web/json_misfit.h"

#include <optional>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "service/base/shown_text.h"
#include "service/base/utf8.h"

namespace logexport {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

std::optional<JsonMisfit> InMessage(const JsonValue& json, const Descriptor& type,
                                    const std::string& path);

const FieldDescriptor* FindField(const Descriptor& type, const std::string& name) {
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor* const field = type.field(i);
    if (field->json_name() == name || field->name() == name) return field;
  }
  return nullptr;
}

// What the value of one field, or of one element of a list, is to be.
std::string Wanted(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      return "true or false";
    case FieldDescriptor::CPPTYPE_STRING:
      return field.type() == FieldDescriptor::TYPE_BYTES ? "bytes in base64" : "a string";
    case FieldDescriptor::CPPTYPE_ENUM:
      return absl::StrCat(
          "the name of a ", std::string(field.enum_type()->name()), ", such as ",
          std::string(
              field.enum_type()->value(field.enum_type()->value_count() > 1 ? 1 : 0)->name()));
    case FieldDescriptor::CPPTYPE_MESSAGE: {
      const std::string& name = field.message_type()->full_name();
      if (name == "google.protobuf.Timestamp") {
        return "a time, such as \"2026-11-01T00:00:00Z\"";
      }
      if (name == "google.protobuf.Duration") return "a duration in seconds, such as \"90s\"";
      if (name == "google.protobuf.FieldMask") {
        return "names of fields with commas between, such as \"schedule.cron\"";
      }
      return "an object";
    }
    default:
      return "a number in the range of the field";
  }
}

bool IsWellKnown(const Descriptor& type) {
  return absl::StartsWith(type.full_name(), "google.protobuf.");
}

// Whether a value of this kind could be one.
bool CouldBe(const JsonValue& json, const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      return json.kind == JsonKind::kBool;
    case FieldDescriptor::CPPTYPE_STRING:
      return json.is_string();
    case FieldDescriptor::CPPTYPE_ENUM:
      return json.kind == JsonKind::kNumber ||
             (json.is_string() && field.enum_type()->FindValueByName(json.String()) != nullptr);
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return IsWellKnown(*field.message_type()) ? json.is_string() : json.is_object();
    default:
      return json.kind == JsonKind::kNumber || json.is_string();
  }
}

std::optional<JsonMisfit> InValue(const JsonValue& json, const FieldDescriptor& field,
                                  const std::string& path) {
  if (!CouldBe(json, field)) return JsonMisfit{path, absl::StrCat("is to be ", Wanted(field))};
  if (field.message_type() != nullptr && !IsWellKnown(*field.message_type())) {
    return InMessage(json, *field.message_type(), path);
  }
  return std::nullopt;
}

std::optional<JsonMisfit> InField(const JsonValue& json, const FieldDescriptor& field,
                                  const std::string& path) {
  if (json.is_null()) return std::nullopt;
  if (field.is_map()) {
    if (!json.is_object()) return JsonMisfit{path, "is to be an object"};
    for (const JsonValue& member : json.members()) {
      if (auto misfit = InValue(member, *field.message_type()->map_value(), path)) return misfit;
    }
    return std::nullopt;
  }
  if (!field.is_repeated()) return InValue(json, field, path);
  if (!json.is_array()) return JsonMisfit{path, "is to be a list"};
  for (std::size_t i = 0; i < json.items().size(); ++i) {
    if (auto misfit = InValue(json.items()[i], field, absl::StrCat(path, "[", i, "]"))) {
      return misfit;
    }
  }
  return std::nullopt;
}

std::optional<JsonMisfit> InMessage(const JsonValue& json, const Descriptor& type,
                                    const std::string& path) {
  const std::string prefix = path.empty() ? "" : absl::StrCat(path, ".");
  std::vector<const FieldDescriptor*> uncertain;
  for (const JsonValue& member : json.members()) {
    const FieldDescriptor* const field = FindField(type, member.key);
    if (field == nullptr) {
      return JsonMisfit{absl::StrCat(prefix, BlankHidden(TruncateUtf8(member.key, 100))),
                        absl::StrCat("there is no such field in ", std::string(type.name()))};
    }
    const std::string name = absl::StrCat(prefix, field->name());
    if (auto misfit = InField(member, *field, name)) return misfit;
    // It could be one by its kind alone.
    if (!member.is_null() && field->cpp_type() != FieldDescriptor::CPPTYPE_BOOL &&
        (field->message_type() == nullptr || IsWellKnown(*field->message_type()))) {
      uncertain.push_back(field);
    }
  }
  // Strings are always ones; of the others, the only one that is left must be it.
  std::erase_if(uncertain, [](const FieldDescriptor* field) {
    return field->type() == FieldDescriptor::TYPE_STRING ||
           field->cpp_type() == FieldDescriptor::CPPTYPE_ENUM;
  });
  if (uncertain.size() == 1 && path.empty()) {
    return JsonMisfit{std::string(uncertain.front()->name()),
                      absl::StrCat("is to be ", Wanted(*uncertain.front()))};
  }
  return std::nullopt;
}

}  // namespace

JsonMisfit FindMisfit(const JsonValue& json, const Descriptor& type) {
  if (!json.is_object()) return {"", "the request is to be a JSON object"};
  if (auto misfit = InMessage(json, type, "")) return *misfit;
  return {"",
          "a value of the request does not have the form that its field asks for, or two "
          "fields are set of which only one may be"};
}

}  // namespace logexport
