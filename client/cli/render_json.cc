#include "client/cli/render_json.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include <google/protobuf/util/json_util.h>
#include <yaml-cpp/yaml.h>

#include "service/base/shown_text.h"

namespace logexport::cli {
namespace {

namespace pb = google::protobuf;

pb::util::JsonPrintOptions PrintOptions(JsonStyle style) {
  pb::util::JsonPrintOptions options;
  options.add_whitespace = style == JsonStyle::kPretty;
#if GOOGLE_PROTOBUF_VERSION >= 5026000
  options.always_print_fields_with_no_presence = style != JsonStyle::kRequest;
#else
  options.always_print_primitive_fields = style != JsonStyle::kRequest;
#endif
  return options;
}

// A text that a YAML reader would take for something else when it stands without quotes.
bool NeedsQuotes(const std::string& text) {
  // A block literal would add a line end to a text without one.
  if (text.empty() || FindHidden(text).found()) return true;
  const std::string lower = absl::AsciiStrToLower(text);
  for (const char* word : {"true", "false", "yes", "no", "on", "off", "y", "n", "null", "~"}) {
    if (lower == word) return true;
  }
  const auto first = static_cast<unsigned char>(text.front());
  return absl::ascii_isdigit(first) || first == '.' || first == '-' || first == '+' ||
         first == '*' || first == '!';
}

class YamlWriter {
 public:
  std::string Write(const pb::Message& message) {
    WriteMessage(message);
    // Only texts in double quotes can hold such characters (see NeedsQuotes).
    return absl::StrCat(EscapeHidden(emitter_.c_str(), LineBreaks::kKeep), "\n");
  }

 private:
  void WriteText(const std::string& text) {
    if (NeedsQuotes(text)) {
      emitter_ << YAML::DoubleQuoted << text;
    } else {
      emitter_ << text;
    }
  }

  // Messages with a JSON form of their own (times, durations, masks) keep it.
  static bool IsWellKnown(const pb::Descriptor* type) {
    return absl::StartsWith(std::string(type->full_name()), "google.protobuf.");
  }

  void WriteMessage(const pb::Message& message) {
    const auto* type = message.GetDescriptor();
    if (IsWellKnown(type)) {
      std::string json = ToJson(message, JsonStyle::kLine);
      if (json.size() >= 2 && json.front() == '"') json = json.substr(1, json.size() - 2);
      WriteText(json);
      return;
    }
    const auto* reflection = message.GetReflection();
    emitter_ << YAML::BeginMap;
    for (int i = 0; i < type->field_count(); ++i) {
      const auto* field = type->field(i);
      if (field->has_presence() && !reflection->HasField(message, field)) continue;
      emitter_ << YAML::Key << std::string(field->json_name()) << YAML::Value;
      WriteField(message, field);
    }
    emitter_ << YAML::EndMap;
  }

  void WriteField(const pb::Message& message, const pb::FieldDescriptor* field) {
    if (!field->is_repeated()) {
      WriteValue(message, field, -1);
      return;
    }
    const int count = message.GetReflection()->FieldSize(message, field);
    if (field->is_map()) {
      if (count == 0) emitter_ << YAML::Flow;
      emitter_ << YAML::BeginMap;
      for (int i = 0; i < count; ++i) {
        const pb::Message& entry = message.GetReflection()->GetRepeatedMessage(message, field, i);
        emitter_ << YAML::Key;
        WriteValue(entry, field->message_type()->map_key(), -1);
        emitter_ << YAML::Value;
        WriteValue(entry, field->message_type()->map_value(), -1);
      }
      emitter_ << YAML::EndMap;
      return;
    }
    if (count == 0) emitter_ << YAML::Flow;
    emitter_ << YAML::BeginSeq;
    for (int i = 0; i < count; ++i) WriteValue(message, field, i);
    emitter_ << YAML::EndSeq;
  }

  // One value: an element of a list, or with index -1 the field itself.
  void WriteValue(const pb::Message& message, const pb::FieldDescriptor* field, int index) {
    const auto* r = message.GetReflection();
    const bool list = index >= 0;
    switch (field->cpp_type()) {
      case pb::FieldDescriptor::CPPTYPE_MESSAGE:
        WriteMessage(list ? r->GetRepeatedMessage(message, field, index)
                          : r->GetMessage(message, field));
        break;
      case pb::FieldDescriptor::CPPTYPE_STRING: {
        const std::string text =
            list ? r->GetRepeatedString(message, field, index) : r->GetString(message, field);
        WriteText(field->type() == pb::FieldDescriptor::TYPE_BYTES ? absl::Base64Escape(text)
                                                                   : text);
        break;
      }
      case pb::FieldDescriptor::CPPTYPE_ENUM: {
        const int number =
            list ? r->GetRepeatedEnumValue(message, field, index) : r->GetEnumValue(message, field);
        const auto* value = field->enum_type()->FindValueByNumber(number);
        value == nullptr ? emitter_ << number : emitter_ << std::string(value->name());
        break;
      }
      case pb::FieldDescriptor::CPPTYPE_BOOL:
        emitter_ << (list ? r->GetRepeatedBool(message, field, index) : r->GetBool(message, field));
        break;
      case pb::FieldDescriptor::CPPTYPE_INT32:
        emitter_ << (list ? r->GetRepeatedInt32(message, field, index)
                          : r->GetInt32(message, field));
        break;
      case pb::FieldDescriptor::CPPTYPE_INT64:
        emitter_ << (list ? r->GetRepeatedInt64(message, field, index)
                          : r->GetInt64(message, field));
        break;
      case pb::FieldDescriptor::CPPTYPE_UINT32:
        emitter_ << (list ? r->GetRepeatedUInt32(message, field, index)
                          : r->GetUInt32(message, field));
        break;
      case pb::FieldDescriptor::CPPTYPE_UINT64:
        emitter_ << (list ? r->GetRepeatedUInt64(message, field, index)
                          : r->GetUInt64(message, field));
        break;
      case pb::FieldDescriptor::CPPTYPE_FLOAT:
        emitter_ << (list ? r->GetRepeatedFloat(message, field, index)
                          : r->GetFloat(message, field));
        break;
      case pb::FieldDescriptor::CPPTYPE_DOUBLE:
        emitter_ << (list ? r->GetRepeatedDouble(message, field, index)
                          : r->GetDouble(message, field));
        break;
    }
  }

  YAML::Emitter emitter_;
};

// Sets the member `seconds` of a Timestamp or Duration into [least, most], and `nanos` accordingly.
void ClampSeconds(std::int64_t least, std::int64_t most, pb::Message* time) {
  const pb::Reflection* r = time->GetReflection();
  const pb::FieldDescriptor* seconds = time->GetDescriptor()->FindFieldByName("seconds");
  const pb::FieldDescriptor* nanos = time->GetDescriptor()->FindFieldByName("nanos");
  const std::int64_t value = r->GetInt64(*time, seconds);
  const std::int32_t fraction = r->GetInt32(*time, nanos);
  r->SetInt64(time, seconds, std::clamp(value, least, most));
  const bool sound = value > least && value < most && std::abs(fraction) < 1'000'000'000 &&
                     (value == 0 || (value > 0) == (fraction >= 0));
  if (!sound) r->SetInt32(time, nanos, 0);
}

// Brings all times and durations in `message` into the ranges that have a JSON form.
void ClampTimes(pb::Message* message) {
  constexpr std::int64_t kFirstSecond = -62'135'596'800;  // 0001-01-01T00:00:00Z
  constexpr std::int64_t kLastSecond = 253'402'300'799;   // 9999-12-31T23:59:59Z
  constexpr std::int64_t kLongestSeconds = 315'576'000'000;
  const std::string type(message->GetDescriptor()->full_name());
  if (type == "google.protobuf.Timestamp") return ClampSeconds(kFirstSecond, kLastSecond, message);
  if (type == "google.protobuf.Duration") {
    return ClampSeconds(-kLongestSeconds, kLongestSeconds, message);
  }
  const pb::Reflection* r = message->GetReflection();
  std::vector<const pb::FieldDescriptor*> fields;
  r->ListFields(*message, &fields);
  for (const pb::FieldDescriptor* field : fields) {
    if (field->cpp_type() != pb::FieldDescriptor::CPPTYPE_MESSAGE) continue;
    if (!field->is_repeated()) {
      ClampTimes(r->MutableMessage(message, field));
      continue;
    }
    for (int i = 0; i < r->FieldSize(*message, field); ++i) {
      ClampTimes(r->MutableRepeatedMessage(message, field, i));
    }
  }
}

}  // namespace

std::string ToJson(const pb::Message& message, JsonStyle style) {
  std::string json;
  auto status = pb::util::MessageToJsonString(message, &json, PrintOptions(style));
  if (!status.ok()) {
    // Another version of the service may send a time that has no JSON form.
    const std::unique_ptr<pb::Message> writable(message.New());
    writable->CopyFrom(message);
    ClampTimes(writable.get());
    json.clear();
    status = pb::util::MessageToJsonString(*writable, &json, PrintOptions(style));
  }
  if (!status.ok()) {
    json = absl::StrCat("{\"error\":\"the answer cannot be written as JSON: ",
                        absl::CEscape(status.ToString()), "\"}");
  }
  while (!json.empty() && json.back() == '\n') json.pop_back();
  // Only strings can hold such characters, and in them the escapes stand for the same.
  return EscapeHidden(json, LineBreaks::kKeep);
}

std::string ToYaml(const pb::Message& message) { return YamlWriter().Write(message); }

std::string IndentJson(absl::string_view json) {
  std::string text;
  int depth = 0;
  bool in_string = false;
  const auto new_line = [&] {
    text += '\n';
    text.append(static_cast<std::size_t>(depth) * 2, ' ');
  };
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (in_string) {
      text += c;
      if (c == '\\' && i + 1 < json.size()) text += json[++i];
      if (c == '"') in_string = false;
      continue;
    }
    if (absl::ascii_isspace(static_cast<unsigned char>(c))) continue;
    switch (c) {
      case '{':
      case '[': {
        text += c;
        const auto next = json.find_first_not_of(" \t\r\n", i + 1);
        if (next != absl::string_view::npos && (json[next] == '}' || json[next] == ']')) {
          text += json[next];
          i = next;
          break;
        }
        ++depth;
        new_line();
        break;
      }
      case '}':
      case ']':
        if (--depth < 0) return std::string(json);
        new_line();
        text += c;
        break;
      case ',':
        text += c;
        new_line();
        break;
      case ':':
        text += ": ";
        break;
      default:
        in_string = c == '"';
        text += c;
    }
  }
  return depth == 0 && !in_string ? text : std::string(json);
}

}  // namespace logexport::cli
