#include "client/cli/api_schema.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/dynamic_message.h>

#include "logexport/v1/options.pb.h"

namespace logexport::cli {
namespace {

namespace pb = google::protobuf;

template <typename Descriptor>
Comment CommentAt(const Descriptor* descriptor) {
  pb::SourceLocation location;
  if (!descriptor->GetSourceLocation(&location)) return {};
  return MakeComment(location.leading_comments);
}

// Where the first sentence ends: at a full stop, ! or ? before white space or the end, but not
// after an abbreviation.
std::size_t EndOfSentence(absl::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '.' && text[i] != '!' && text[i] != '?') continue;
    if (i + 1 < text.size() && !absl::ascii_isspace(static_cast<unsigned char>(text[i + 1]))) {
      continue;
    }
    const absl::string_view before = text.substr(0, i + 1);
    if (absl::EndsWith(before, "e.g.") || absl::EndsWith(before, "i.e.")) continue;
    return i;
  }
  return text.size();
}

}  // namespace

Comment MakeComment(absl::string_view raw) {
  std::vector<std::string> paragraphs(1);
  for (absl::string_view line : absl::StrSplit(raw, '\n')) {
    line = absl::StripAsciiWhitespace(line);
    if (absl::StartsWith(line, "buf:lint:") || absl::StartsWith(line, "(--")) continue;
    if (line.empty()) {
      if (!paragraphs.back().empty()) paragraphs.emplace_back();
    } else if (absl::StartsWith(line, "- ") && !paragraphs.back().empty()) {
      absl::StrAppend(&paragraphs.back(), "\n", line);
    } else {
      absl::StrAppend(&paragraphs.back(), paragraphs.back().empty() ? "" : " ", line);
    }
  }
  if (paragraphs.back().empty()) paragraphs.pop_back();
  Comment comment;
  comment.full = absl::StrJoin(paragraphs, "\n\n");
  comment.brief = comment.full.substr(0, EndOfSentence(comment.full));
  return comment;
}

Comment CommentOf(const pb::MethodDescriptor* method) { return CommentAt(method); }
Comment CommentOf(const pb::FieldDescriptor* field) { return CommentAt(field); }
Comment CommentOf(const pb::EnumValueDescriptor* value) { return CommentAt(value); }
Comment CommentOf(const pb::Descriptor* message) { return CommentAt(message); }
Comment CommentOf(const pb::OneofDescriptor* oneof) { return CommentAt(oneof); }

std::string KebabCase(absl::string_view name) {
  std::string kebab;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const auto c = static_cast<unsigned char>(name[i]);
    if (c == '_') {
      kebab += '-';
    } else if (absl::ascii_isupper(c)) {
      // A capital begins a word unless it stands inside an abbreviation: ListDLQItems.
      const bool after_lower = i > 0 &&
                               !absl::ascii_isupper(static_cast<unsigned char>(name[i - 1])) &&
                               name[i - 1] != '_';
      const bool before_lower = i > 0 && i + 1 < name.size() && name[i - 1] != '_' &&
                                absl::ascii_islower(static_cast<unsigned char>(name[i + 1]));
      if (after_lower || before_lower) kebab += '-';
      kebab += static_cast<char>(absl::ascii_tolower(c));
    } else {
      kebab += static_cast<char>(c);
    }
  }
  return kebab;
}

std::string ShortEnumName(const pb::EnumValueDescriptor* value) {
  std::string prefix = KebabCase(std::string(value->type()->name())) + "-";
  std::string name = absl::AsciiStrToLower(std::string(value->name()));
  std::replace(name.begin(), name.end(), '_', '-');
  return std::string(absl::StripPrefix(name, prefix));
}

std::vector<const pb::EnumValueDescriptor*> EnumChoices(const pb::EnumDescriptor* type) {
  std::vector<const pb::EnumValueDescriptor*> choices;
  for (int i = 0; i < type->value_count(); ++i) {
    const auto* value = type->value(i);
    if (value->options().deprecated()) continue;
    if (value->number() == 0 && absl::EndsWith(std::string(value->name()), "_UNSPECIFIED")) {
      continue;
    }
    choices.push_back(value);
  }
  return choices;
}

absl::StatusOr<std::unique_ptr<Schema>> Schema::Create(absl::string_view descriptor_set,
                                                       const std::string& service) {
  pb::FileDescriptorSet set;
  if (!set.ParseFromArray(descriptor_set.data(), static_cast<int>(descriptor_set.size()))) {
    return absl::InvalidArgumentError("the descriptor set is damaged");
  }
  std::unique_ptr<Schema> schema(new Schema);
  schema->pool_ = std::make_unique<pb::DescriptorPool>();
  for (const auto& file : set.file()) {
    if (schema->pool_->BuildFile(file) == nullptr) {
      return absl::InvalidArgumentError(
          absl::StrCat("the descriptor set is damaged at ", file.name()));
    }
  }
  schema->factory_ = std::make_unique<pb::DynamicMessageFactory>(schema->pool_.get());
  schema->service_ = schema->pool_->FindServiceByName(service);
  if (schema->service_ == nullptr) {
    return absl::InvalidArgumentError(absl::StrCat("the descriptor set has no service ", service));
  }
  for (int i = 0; i < schema->service_->method_count(); ++i) {
    const auto* method = schema->service_->method(i);
    if (method->client_streaming()) continue;  // nothing to type them with
    const auto& options = method->options();
    Command command;
    command.method = method;
    command.name = KebabCase(std::string(method->name()));
    for (int a = 0; a < options.ExtensionSize(v1::aliases); ++a) {
      command.aliases.push_back(options.GetExtension(v1::aliases, a));
    }
    command.path = absl::StrCat("/", service, "/", std::string(method->name()));
    command.comment = CommentOf(method);
    command.destructive = options.GetExtension(v1::destructive);
    command.writes = options.idempotency_level() != pb::MethodOptions::NO_SIDE_EFFECTS;
    if (const std::string& next = options.GetExtension(v1::followed_by); !next.empty()) {
      command.followed_by = schema->service_->FindMethodByName(next);
    }
    schema->commands_.push_back(std::move(command));
  }
  return schema;
}

const Command* Schema::Find(absl::string_view name) const {
  std::string normal(name);
  std::replace(normal.begin(), normal.end(), '_', '-');
  for (const Command& command : commands_) {
    if (command.name == normal) return &command;
    if (std::find(command.aliases.begin(), command.aliases.end(), normal) !=
        command.aliases.end()) {
      return &command;
    }
  }
  return nullptr;
}

const Command* Schema::Find(const pb::MethodDescriptor* method) const {
  for (const Command& command : commands_) {
    if (command.method == method) return &command;
  }
  return nullptr;
}

std::unique_ptr<pb::Message> Schema::New(const pb::Descriptor* type) const {
  return std::unique_ptr<pb::Message>(factory_->GetPrototype(type)->New());
}

}  // namespace logexport::cli
