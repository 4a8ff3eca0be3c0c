#include "client/cli/request.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <sstream>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include <google/protobuf/util/json_util.h>

#include "client/cli/api_conventions.h"
#include "client/cli/render_json.h"
#include "client/cli/time_input.h"
#include "logexport/diagnosis.h"
#include "logexport/v1/options.pb.h"
#include "service/base/shell_word.h"
#include "service/base/status_macros.h"

namespace logexport::cli {
namespace {

namespace pb = google::protobuf;

constexpr char kMask[] = "********";

std::string StripLineEnd(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  return text;
}

class RequestBuilder {
 public:
  RequestBuilder(const Schema& schema, const Invocation& invocation, const RequestContext& context,
                 Terminal& terminal)
      : invocation_(invocation),
        context_(context),
        terminal_(terminal),
        message_(schema.New(invocation.command->method->input_type())) {}

  absl::StatusOr<BuiltRequest> Build() {
    RETURN_IF_ERROR(MergeJson());
    const std::set<std::string> from_json = ResourcePaths();
    CheckOneofs();
    for (const FlagUse& use : invocation_.uses) {
      const absl::Status status = Apply(use);
      if (absl::IsInvalidArgument(status)) {
        AddError(UsedName(use), status.message());
      } else if (!status.ok()) {
        return absl::Status(status.code(),
                            absl::StrCat("--", UsedName(use), ": ", status.message()));
      }
    }
    CheckRequired();
    AddUpdateMask(from_json);
    if (!errors_.empty()) return absl::InvalidArgumentError(absl::StrJoin(errors_, "\n"));
    AddRequestId();
    return BuiltRequest{std::move(message_), Notes()};
  }

 private:
  static std::string UsedName(const FlagUse& use) {
    switch (use.source) {
      case FlagUse::Source::kFile:
        return FileFlagName(*use.flag);
      case FlagUse::Source::kVariable:
        return VariableFlagName(*use.flag);
      case FlagUse::Source::kValue:
        break;
    }
    return use.flag->name;
  }

  void AddError(absl::string_view flag, absl::string_view what) {
    errors_.push_back(absl::StrCat("--", flag, ": ", what));
  }

  absl::Status MergeJson() {
    if (!invocation_.options.json.has_value()) return absl::OkStatus();
    std::string json = *invocation_.options.json;
    if (json == "-") {
      ASSIGN_OR_RETURN(json, context_.values.read_file("-"));
    } else if (absl::StartsWith(json, "@")) {
      ASSIGN_OR_RETURN(json, context_.values.read_file(json.substr(1)));
    }
    const auto status = pb::util::JsonStringToMessage(json, message_.get());
    if (status.ok()) return absl::OkStatus();
    return absl::InvalidArgumentError(absl::StrCat("--json: not a ",
                                                   std::string(message_->GetDescriptor()->name()),
                                                   " as JSON: ", std::string(status.message())));
  }

  void CheckOneofs() {
    std::map<const pb::OneofDescriptor*, const FlagUse*> taken;
    for (const FlagUse& use : invocation_.uses) {
      if (use.flag->oneof == nullptr) continue;
      // Several flags may fill one and the same member.
      const auto [first, is_new] = taken.emplace(use.flag->oneof, &use);
      if (is_new || Member(*first->second->flag) == Member(*use.flag)) continue;
      AddError(UsedName(use), absl::StrCat("excludes --", UsedName(*first->second)));
    }
  }

  static const pb::FieldDescriptor* Member(const Flag& flag) {
    for (const auto* part : flag.path) {
      if (part->real_containing_oneof() == flag.oneof) return part;
    }
    return nullptr;
  }

  absl::Status Apply(const FlagUse& use) {
    if (use.flag->sensitive) {
      for (const FlagUse& other : invocation_.uses) {
        if (other.flag == use.flag && other.source != use.source) {
          return absl::InvalidArgumentError(absl::StrCat("excludes --", UsedName(other)));
        }
      }
      ASSIGN_OR_RETURN(std::string secret, ReadSecret(use));
      return SetValue(*use.flag, {std::move(secret)}, context_.values, *message_);
    }
    RETURN_IF_ERROR(SetValue(*use.flag, use.texts, context_.values, *message_));
    if (use.flag->kind == FlagKind::kTime && !use.flag->repeated) {
      const auto time = ParseTime(use.texts.back(), context_.values.now, context_.values.zone);
      if (time.ok() && !absl::EndsWith(use.texts.back(), "Z")) {
        times_.emplace_back(absl::StrCat("--", use.flag->name), *time);
      }
    }
    return absl::OkStatus();
  }

  // Two times, such as those of a window, fit one line when it is not said how long ago they are.
  std::vector<std::string> Notes() const {
    if (times_.empty()) return {};
    std::string note = absl::StrJoin(times_, ", ", [](std::string* out, const auto& time) {
      absl::StrAppend(out, time.first, " is ",
                      absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", time.second, absl::UTCTimeZone()));
    });
    if (times_.size() == 1) {
      absl::StrAppend(&note, " (", FormatRelative(times_[0].second, context_.values.now), ")");
    }
    return {std::move(note)};
  }

  // Secrets on a command line can be read by every user of the machine and stay in the history.
  absl::StatusOr<std::string> ReadSecret(const FlagUse& use) {
    const std::string& text = use.texts.back();
    switch (use.source) {
      case FlagUse::Source::kFile: {
        ASSIGN_OR_RETURN(std::string contents, context_.values.read_file(text));
        return StripLineEnd(std::move(contents));
      }
      case FlagUse::Source::kVariable: {
        const auto value = context_.environment(text);
        if (value.has_value()) return *value;
        return absl::InvalidArgumentError(absl::StrCat("the variable ", text, " is not set"));
      }
      case FlagUse::Source::kValue:
        break;
    }
    if (text == "-") return terminal_.Ask(absl::StrCat(use.flag->name, ": "), /*secret=*/true);
    if (text.empty() || text == kMask || absl::StartsWith(text, "env:") ||
        absl::StartsWith(text, "file:/")) {
      return text;
    }
    return absl::InvalidArgumentError(absl::StrCat(
        "a secret is not taken from the command line, where others could read it; use --",
        FileFlagName(*use.flag), " FILE, --", VariableFlagName(*use.flag),
        " VARIABLE, which are read here, - to be asked, or name where the service reads it itself: "
        "env:LOGEXPORT_SECRET_NAME, file:/PATH"));
  }

  void CheckRequired() {
    for (const Flag& flag : invocation_.flags) {
      if (!flag.required || flag.path.size() != 1) continue;
      const auto* field = flag.field();
      const auto* reflection = message_->GetReflection();
      const bool present = field->is_repeated() ? reflection->FieldSize(*message_, field) > 0
                                                : reflection->HasField(*message_, field);
      if (present) continue;
      if (flag.positional) {
        std::string name = absl::AsciiStrToUpper(std::string(field->name()));
        errors_.push_back(absl::StrCat("the argument ", name, " is missing"));
      } else {
        AddError(flag.name, "is required");
      }
    }
  }

  // Paths of everything that is set in the resource, as an update mask names them.
  std::set<std::string> ResourcePaths() const {
    std::set<std::string> paths;
    for (const Flag& flag : invocation_.flags) {
      if (!flag.masked) continue;
      const pb::Message* holder = message_.get();
      bool present = true;
      for (const auto* part : flag.path) {
        const auto* reflection = holder->GetReflection();
        present = part->is_repeated() ? reflection->FieldSize(*holder, part) > 0
                                      : reflection->HasField(*holder, part);
        if (!present || part == flag.field()) break;
        holder = &reflection->GetMessage(*holder, part);
      }
      if (present) paths.insert(flag.mask_path);
    }
    return paths;
  }

  // What was named is what is meant to change; forgetting a path in a hand-written mask, or a mask
  // that a default value silently drops out of, is the most common mistake with updates.
  void AddUpdateMask(const std::set<std::string>& from_json) {
    const auto* field = UpdateMaskField(message_->GetDescriptor());
    if (field == nullptr) return;
    std::set<std::string> wanted;
    for (const FlagUse& use : invocation_.uses) {
      if (use.flag->field() == field) return;  // --update-mask says it all
      if (use.flag->masked) wanted.insert(use.flag->mask_path);
    }
    for (const std::string& path : invocation_.options.clear) {
      const bool known =
          std::any_of(invocation_.flags.begin(), invocation_.flags.end(), [&](const Flag& flag) {
            return flag.masked && (flag.mask_path == path ||
                                   absl::StartsWith(flag.mask_path, absl::StrCat(path, ".")));
          });
      if (known) {
        wanted.insert(path);
      } else {
        AddError("clear", absl::StrCat("there is no setting '", path, "'"));
      }
    }
    const auto* reflection = message_->GetReflection();
    const bool in_json = reflection->HasField(*message_, field);
    if (wanted.empty()) return;  // the mask of --json, or none: the fields that are set
    pb::Message* mask = reflection->MutableMessage(message_.get(), field);
    const auto* paths = mask->GetDescriptor()->FindFieldByName("paths");
    if (!in_json) wanted.insert(from_json.begin(), from_json.end());
    for (const std::string& path : wanted) mask->GetReflection()->AddString(mask, paths, path);
  }

  void AddRequestId() {
    const auto* field = message_->GetDescriptor()->FindFieldByName("request_id");
    if (!invocation_.command->writes || field == nullptr || field->is_repeated() ||
        field->cpp_type() != pb::FieldDescriptor::CPPTYPE_STRING) {
      return;
    }
    const auto* reflection = message_->GetReflection();
    if (reflection->GetString(*message_, field).empty()) {
      reflection->SetString(message_.get(), field, context_.new_request_id());
    }
  }

  const Invocation& invocation_;
  const RequestContext& context_;
  Terminal& terminal_;
  std::unique_ptr<pb::Message> message_;
  std::vector<std::pair<std::string, absl::Time>> times_;  // given in words: the flag, what it is
  std::vector<std::string> errors_;
};

void MaskIn(pb::Message& message) {
  const auto* reflection = message.GetReflection();
  std::vector<const pb::FieldDescriptor*> fields;
  reflection->ListFields(message, &fields);
  for (const auto* field : fields) {
    if (field->cpp_type() == pb::FieldDescriptor::CPPTYPE_MESSAGE) {
      if (field->is_map()) continue;
      const int count = field->is_repeated() ? reflection->FieldSize(message, field) : 1;
      for (int i = 0; i < count; ++i) {
        MaskIn(field->is_repeated() ? *reflection->MutableRepeatedMessage(&message, field, i)
                                    : *reflection->MutableMessage(&message, field));
      }
    } else if (field->options().GetExtension(v1::sensitive) && !field->is_repeated() &&
               field->cpp_type() == pb::FieldDescriptor::CPPTYPE_STRING) {
      const std::string value = reflection->GetString(message, field);
      if (value.empty() || absl::StartsWith(value, "env:") || absl::StartsWith(value, "file:/")) {
        continue;
      }
      reflection->SetString(&message, field, kMask);
    }
  }
}

}  // namespace

absl::StatusOr<BuiltRequest> BuildRequest(const Schema& schema, const Invocation& invocation,
                                          const RequestContext& context, Terminal& terminal) {
  return RequestBuilder(schema, invocation, context, terminal).Build();
}

RequestContext RequestContextOf(const CliContext& context) {
  RequestContext request;
  // Whole seconds: nobody means the microseconds of "-2h".
  request.values.now = absl::FromUnixSeconds(absl::ToUnixSeconds(context.now()));
  request.values.zone = context.zone;
  request.values.read_file = [&context](const std::string& path) -> absl::StatusOr<std::string> {
    if (path == "-") {
      std::istream& in = context.terminal->in();
      return std::string(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
    }
    std::ifstream file(path, std::ios::binary);
    std::ostringstream contents;
    // An empty file is none to copy from; a directory opens and cannot be read.
    if (file.peek() != std::ifstream::traits_type::eof()) contents << file.rdbuf();
    // NOT_FOUND rather than INVALID_ARGUMENT: the command line is right, the file is not there.
    if (file.fail() || contents.fail())
      return absl::NotFoundError(absl::StrCat("cannot read ", path));
    return std::move(contents).str();
  };
  request.environment = context.environment;
  request.new_request_id = context.new_request_id;
  return request;
}

std::unique_ptr<pb::Message> MaskSecrets(const pb::Message& message) {
  std::unique_ptr<pb::Message> copy(message.New());
  copy->CopyFrom(message);
  MaskIn(*copy);
  return copy;
}

std::string GrpcurlLine(const Command& command, const pb::Message& request,
                        const client::ConnectionOptions& connection) {
  std::vector<std::string> words = {"grpcurl"};
  if (client::UsesPlaintext(connection)) {
    words.push_back("-plaintext");
  }
  const std::pair<const char*, const std::string&> files[] = {{"-cacert", connection.ca_file},
                                                              {"-cert", connection.cert_file},
                                                              {"-key", connection.key_file}};
  for (const auto& [flag, path] : files) {
    if (path.empty()) continue;
    words.push_back(flag);
    words.push_back(ShellWord(path));
  }
  if (!connection.token_file.empty()) {
    words.push_back("-H");
    words.push_back(
        absl::StrCat("\"authorization: Bearer $(cat ", ShellWord(connection.token_file), ")\""));
  }
  words.push_back("-d");
  words.push_back(ShellWord(ToJson(request, JsonStyle::kRequest)));
  words.push_back(ShellWord(connection.server));
  words.push_back(std::string(absl::StripPrefix(command.path, "/")));
  return absl::StrJoin(words, " ");
}

}  // namespace logexport::cli
