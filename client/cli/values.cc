#include "client/cli/values.h"

#include <cstdint>
#include <limits>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include <google/protobuf/util/json_util.h>

#include "client/cli/api_schema.h"
#include "client/cli/time_input.h"
#include "service/base/spelling.h"
#include "service/base/status_macros.h"
#include "service/base/utf8.h"

namespace logexport::cli {
namespace {

namespace pb = google::protobuf;

absl::Status Invalid(absl::string_view text, absl::string_view expected) {
  return absl::InvalidArgumentError(absl::StrCat("'", text, "' is not ", expected));
}

// Sets one singular field, or adds one element to a repeated one.
class FieldWriter {
 public:
  FieldWriter(pb::Message& message, const pb::FieldDescriptor* field, const ValueContext& context)
      : message_(message), field_(field), context_(context) {}

  absl::Status Write(FlagKind kind, absl::string_view text) {
    switch (kind) {
      case FlagKind::kBool:
      case FlagKind::kPresence:
        return WriteBool(kind, text);
      case FlagKind::kNumber:
        return WriteNumber(text);
      case FlagKind::kText:
        return WriteText(std::string(text));
      case FlagKind::kBytes:
        return WriteBytes(text);
      case FlagKind::kEnum: {
        ASSIGN_OR_RETURN(const int number, ParseEnum(field_->enum_type(), text));
        field_->is_repeated() ? reflection_->AddEnumValue(&message_, field_, number)
                              : reflection_->SetEnumValue(&message_, field_, number);
        return absl::OkStatus();
      }
      case FlagKind::kTime: {
        ASSIGN_OR_RETURN(const absl::Time time, ParseTime(text, context_.now, context_.zone));
        WriteSecondsAndNanos(time - absl::UnixEpoch(), /*floor=*/true);
        return absl::OkStatus();
      }
      case FlagKind::kDuration: {
        ASSIGN_OR_RETURN(const absl::Duration duration, ParseDuration(text));
        WriteSecondsAndNanos(duration, /*floor=*/false);
        return absl::OkStatus();
      }
      case FlagKind::kFieldMask:
        return WriteFieldMask(text);
      case FlagKind::kJson:
        return WriteMessage(text);
      case FlagKind::kMap:
        return WriteMapEntry(text);
    }
    return absl::InternalError("a flag of unknown kind");
  }

 private:
  pb::Message* Submessage() {
    return field_->is_repeated() ? reflection_->AddMessage(&message_, field_)
                                 : reflection_->MutableMessage(&message_, field_);
  }

  absl::Status WriteBool(FlagKind kind, absl::string_view text) {
    bool value = false;
    if (!absl::SimpleAtob(text, &value)) return Invalid(text, "true or false");
    if (kind == FlagKind::kPresence) {
      if (value) reflection_->MutableMessage(&message_, field_);
    } else if (field_->is_repeated()) {
      reflection_->AddBool(&message_, field_, value);
    } else {
      reflection_->SetBool(&message_, field_, value);
    }
    return absl::OkStatus();
  }

  template <typename Number, typename Set, typename Add>
  absl::Status WriteInteger(absl::string_view text, Set set, Add add) {
    Number value = 0;
    if (!absl::SimpleAtoi(text, &value)) {
      return Invalid(text, absl::StrCat("a whole number from ", std::numeric_limits<Number>::min(),
                                        " to ", std::numeric_limits<Number>::max()));
    }
    field_->is_repeated() ? (reflection_->*add)(&message_, field_, value)
                          : (reflection_->*set)(&message_, field_, value);
    return absl::OkStatus();
  }

  absl::Status WriteNumber(absl::string_view text) {
    using R = pb::Reflection;
    switch (field_->cpp_type()) {
      case pb::FieldDescriptor::CPPTYPE_INT32:
        return WriteInteger<std::int32_t>(text, &R::SetInt32, &R::AddInt32);
      case pb::FieldDescriptor::CPPTYPE_INT64:
        return WriteInteger<std::int64_t>(text, &R::SetInt64, &R::AddInt64);
      case pb::FieldDescriptor::CPPTYPE_UINT32:
        return WriteInteger<std::uint32_t>(text, &R::SetUInt32, &R::AddUInt32);
      case pb::FieldDescriptor::CPPTYPE_UINT64:
        return WriteInteger<std::uint64_t>(text, &R::SetUInt64, &R::AddUInt64);
      default:
        break;
    }
    double value = 0;
    if (!absl::SimpleAtod(text, &value)) return Invalid(text, "a number");
    if (field_->cpp_type() == pb::FieldDescriptor::CPPTYPE_FLOAT) {
      const auto single = static_cast<float>(value);
      field_->is_repeated() ? reflection_->AddFloat(&message_, field_, single)
                            : reflection_->SetFloat(&message_, field_, single);
    } else {
      field_->is_repeated() ? reflection_->AddDouble(&message_, field_, value)
                            : reflection_->SetDouble(&message_, field_, value);
    }
    return absl::OkStatus();
  }

  absl::Status WriteText(std::string text) {
    if (field_->type() == pb::FieldDescriptor::TYPE_STRING && !IsValidUtf8(text)) {
      return absl::InvalidArgumentError("the text is not valid UTF-8");
    }
    field_->is_repeated() ? reflection_->AddString(&message_, field_, std::move(text))
                          : reflection_->SetString(&message_, field_, std::move(text));
    return absl::OkStatus();
  }

  absl::Status WriteBytes(absl::string_view text) {
    if (absl::StartsWith(text, "@")) {
      ASSIGN_OR_RETURN(std::string contents, context_.read_file(std::string(text.substr(1))));
      return WriteText(std::move(contents));
    }
    std::string bytes;
    if (!absl::Base64Unescape(text, &bytes)) return Invalid(text, "base64; use @FILE for a file");
    return WriteText(std::move(bytes));
  }

  void WriteSecondsAndNanos(absl::Duration value, bool floor) {
    absl::Duration rest;
    std::int64_t seconds = absl::IDivDuration(value, absl::Seconds(1), &rest);
    if (floor && rest < absl::ZeroDuration()) {  // nanos of a Timestamp count forward
      seconds -= 1;
      rest += absl::Seconds(1);
    }
    pb::Message* message = Submessage();
    const auto* type = message->GetDescriptor();
    message->GetReflection()->SetInt64(message, type->FindFieldByName("seconds"), seconds);
    message->GetReflection()->SetInt32(message, type->FindFieldByName("nanos"),
                                       static_cast<std::int32_t>(absl::ToInt64Nanoseconds(rest)));
  }

  absl::Status WriteFieldMask(absl::string_view text) {
    pb::Message* message = Submessage();
    const auto* paths = message->GetDescriptor()->FindFieldByName("paths");
    for (std::string path : SplitList(text)) {
      for (char& c : path) c = c == '-' ? '_' : c;
      message->GetReflection()->AddString(message, paths, std::move(path));
    }
    return absl::OkStatus();
  }

  // JSON, @FILE with JSON, or K=V,... for a message of plain fields.
  absl::Status WriteMessage(absl::string_view text) {
    std::string json(absl::StripAsciiWhitespace(text));
    if (absl::StartsWith(json, "@")) {
      ASSIGN_OR_RETURN(json, context_.read_file(json.substr(1)));
      json = std::string(absl::StripAsciiWhitespace(json));
    }
    if (absl::StartsWith(json, "{")) return MergeJson(json, *Submessage());
    if (absl::StartsWith(json, "[")) {
      if (!field_->is_repeated()) return Invalid(text, "one JSON object");
      return WriteJsonArray(json);
    }
    pb::Message* message = Submessage();
    for (const std::string& pair : SplitList(json)) {
      const auto equals = pair.find('=');
      if (equals == std::string::npos) return Invalid(text, "JSON, nor KEY=VALUE,KEY=VALUE");
      const std::string key = pair.substr(0, equals);
      const pb::FieldDescriptor* inner = nullptr;
      std::vector<std::string> names;
      for (const Flag& flag : FlagsOf(message->GetDescriptor())) {
        names.push_back(flag.name);
        if (flag.name != KebabCase(key) || flag.path.size() != 1) continue;
        inner = flag.field();
        RETURN_IF_ERROR(FieldWriter(*message, inner, context_)
                            .Write(flag.kind, absl::string_view(pair).substr(equals + 1)));
      }
      if (inner == nullptr) {
        return absl::InvalidArgumentError(
            absl::StrCat("there is no key '", key, "'; the keys are ", absl::StrJoin(names, ", ")));
      }
    }
    return absl::OkStatus();
  }

  static absl::Status MergeJson(const std::string& json, pb::Message& message) {
    const auto status = pb::util::JsonStringToMessage(json, &message);
    if (status.ok()) return absl::OkStatus();
    return absl::InvalidArgumentError(
        absl::StrCat("not JSON as expected: ", std::string(status.message())));
  }

  // Through the JSON of the message that holds the field, which knows how to read a list.
  absl::Status WriteJsonArray(const std::string& json) {
    const std::unique_ptr<pb::Message> holder(message_.New());
    RETURN_IF_ERROR(MergeJson(
        absl::StrCat("{\"", std::string(field_->json_name()), "\":", json, "}"), *holder));
    message_.MergeFrom(*holder);
    return absl::OkStatus();
  }

  absl::Status WriteMapEntry(absl::string_view text) {
    const auto equals = text.find('=');
    if (equals == absl::string_view::npos) return Invalid(text, "KEY=VALUE");
    const auto* entry_type = field_->message_type();
    pb::Message* entry = reflection_->AddMessage(&message_, field_);
    for (const Flag& flag : FlagsOf(entry_type)) {
      const bool is_key = flag.field() == entry_type->map_key();
      if (flag.path.size() != 1) continue;
      RETURN_IF_ERROR(
          FieldWriter(*entry, flag.field(), context_)
              .Write(flag.kind, is_key ? text.substr(0, equals) : text.substr(equals + 1)));
    }
    return absl::OkStatus();
  }

  pb::Message& message_;
  const pb::FieldDescriptor* field_;
  const ValueContext& context_;
  const pb::Reflection* reflection_ = message_.GetReflection();
};

bool TakesCommas(const Flag& flag) {
  return flag.repeated && flag.kind != FlagKind::kJson && flag.kind != FlagKind::kBytes;
}

}  // namespace

absl::StatusOr<int> ParseEnum(const pb::EnumDescriptor* type, absl::string_view text) {
  std::string wanted = absl::AsciiStrToLower(absl::StripAsciiWhitespace(text));
  for (char& c : wanted) c = c == '_' ? '-' : c;
  std::vector<std::string> names;
  for (const auto* value : EnumChoices(type)) {
    names.push_back(ShortEnumName(value));
    std::string full = absl::AsciiStrToLower(std::string(value->name()));
    for (char& c : full) c = c == '_' ? '-' : c;
    if (wanted == names.back() || wanted == full) return value->number();
  }
  int number = 0;
  if (absl::SimpleAtoi(wanted, &number) && type->FindValueByNumber(number) != nullptr) {
    return number;
  }
  const std::string nearest = NearestWord(wanted, names);
  return absl::InvalidArgumentError(
      absl::StrCat("'", text, "' is not one of ", absl::StrJoin(names, ", "),
                   nearest.empty() ? "" : absl::StrCat("; did you mean ", nearest, "?")));
}

std::vector<std::string> SplitList(absl::string_view text) {
  std::vector<std::string> parts(1);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size() && text[i + 1] == ',') {
      parts.back() += text[++i];
    } else if (text[i] == ',') {
      parts.emplace_back();
    } else {
      parts.back() += text[i];
    }
  }
  return parts;
}

absl::Status SetValue(const Flag& flag, const std::vector<std::string>& texts,
                      const ValueContext& context, pb::Message& request) {
  pb::Message* message = &request;
  for (std::size_t i = 0; i + 1 < flag.path.size(); ++i) {
    message = message->GetReflection()->MutableMessage(message, flag.path[i]);
  }
  const bool is_list = flag.repeated || flag.kind == FlagKind::kMap;
  if (!is_list && texts.size() > 1) {
    return absl::InvalidArgumentError("given more than once");
  }
  // Flags replace what --json said.
  message->GetReflection()->ClearField(message, flag.field());
  if (is_list && texts.size() == 1 && texts.front().empty()) return absl::OkStatus();

  FieldWriter writer(*message, flag.field(), context);
  for (const std::string& text : texts) {
    if (!TakesCommas(flag)) {
      RETURN_IF_ERROR(writer.Write(flag.kind, text));
      continue;
    }
    for (const std::string& element : SplitList(text)) {
      RETURN_IF_ERROR(writer.Write(flag.kind, element));
    }
  }
  return absl::OkStatus();
}

}  // namespace logexport::cli
