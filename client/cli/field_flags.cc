#include "client/cli/field_flags.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "client/cli/api_conventions.h"
#include "client/cli/api_schema.h"
#include "client/cli/common_options.h"
#include "logexport/v1/options.pb.h"

namespace logexport::cli {
namespace {

namespace pb = google::protobuf;

// Deeper fields are given as JSON: names of four parts help nobody.
constexpr std::size_t kMaxNameParts = 3;

FlagKind KindOf(const pb::FieldDescriptor* field) {
  if (field->is_map()) return FlagKind::kMap;
  switch (field->cpp_type()) {
    case pb::FieldDescriptor::CPPTYPE_BOOL:
      return FlagKind::kBool;
    case pb::FieldDescriptor::CPPTYPE_ENUM:
      return FlagKind::kEnum;
    case pb::FieldDescriptor::CPPTYPE_STRING:
      return field->type() == pb::FieldDescriptor::TYPE_BYTES ? FlagKind::kBytes : FlagKind::kText;
    case pb::FieldDescriptor::CPPTYPE_MESSAGE:
      break;
    default:
      return FlagKind::kNumber;
  }
  const std::string type(field->message_type()->full_name());
  if (type == "google.protobuf.Timestamp") return FlagKind::kTime;
  if (type == "google.protobuf.Duration") return FlagKind::kDuration;
  if (type == "google.protobuf.FieldMask") return FlagKind::kFieldMask;
  if (field->message_type()->field_count() == 0 && !field->is_repeated()) {
    return FlagKind::kPresence;
  }
  return FlagKind::kJson;
}

class FlagBuilder {
 public:
  explicit FlagBuilder(const pb::Descriptor* request) : request_(request) {
    for (int i = 0; i < request->field_count(); ++i) {
      if (!request->field(i)->options().GetExtension(v1::flatten)) {
        own_names_.insert(KebabCase(std::string(request->field(i)->name())));
      }
    }
  }

  std::vector<Flag> Build() {
    AddFields(request_);
    return std::move(flags_);
  }

 private:
  void AddFields(const pb::Descriptor* message) {
    for (int i = 0; i < message->field_count(); ++i) {
      if (!message->field(i)->options().deprecated()) Add(message->field(i));
    }
  }

  void Add(const pb::FieldDescriptor* field) {
    const FlagKind kind = KindOf(field);
    path_.push_back(field);
    const bool in_resource = path_.front() == ResourceField(request_);
    const bool nests = kind == FlagKind::kJson && !field->is_repeated() &&
                       NameParts() < kMaxNameParts &&
                       std::count(path_.begin(), path_.end(), field) == 1;
    if (nests) {
      AddFields(field->message_type());
      path_.pop_back();
      return;
    }
    Flag flag;
    flag.name = Name();
    flag.kind = kind;
    flag.path = path_;
    flag.repeated = field->is_repeated() && kind != FlagKind::kMap;
    flag.sensitive = field->options().GetExtension(v1::sensitive);
    flag.positional = path_.size() == 1 && field->options().GetExtension(v1::positional);
    flag.required = field->options().GetExtension(v1::required);
    for (const auto* part : path_) {
      if (part->real_containing_oneof() != nullptr) flag.oneof = part->real_containing_oneof();
    }
    const std::vector<std::string> parts = Parts();
    flag.group = absl::StrJoin(parts.begin(), parts.end() - 1, ".");
    if (in_resource && UpdateMaskField(request_) != nullptr) {
      flag.masked = true;
      flag.mask_path = absl::StrJoin(path_.begin() + 1, path_.end(), ".",
                                     [](std::string* out, const pb::FieldDescriptor* part) {
                                       absl::StrAppend(out, std::string(part->name()));
                                     });
    }
    flags_.push_back(std::move(flag));
    path_.pop_back();
  }

  // The part of the path that is written in names.
  std::vector<std::string> Parts() const {
    std::vector<std::string> parts;
    for (std::size_t i = 0; i < path_.size(); ++i) {
      const bool flattened = i == 0 && path_.size() > 1 &&
                             path_[0]->options().GetExtension(v1::flatten) &&
                             own_names_.count(KebabCase(std::string(path_[1]->name()))) == 0;
      if (!flattened) parts.push_back(KebabCase(std::string(path_[i]->name())));
    }
    return parts;
  }
  std::size_t NameParts() const { return Parts().size(); }
  std::string Name() const {
    const std::string name = absl::StrJoin(Parts(), ".");
    return IsReservedName(name) ? absl::StrCat("request.", name) : name;
  }

  const pb::Descriptor* request_;
  std::set<std::string> own_names_;
  std::vector<const pb::FieldDescriptor*> path_;
  std::vector<Flag> flags_;
};

}  // namespace

std::vector<Flag> FlagsOf(const pb::Descriptor* request) { return FlagBuilder(request).Build(); }

const Flag* FindFlag(const std::vector<Flag>& flags, absl::string_view name) {
  std::string normal(name);
  std::replace(normal.begin(), normal.end(), '_', '-');
  for (const Flag& flag : flags) {
    if (flag.name == normal) return &flag;
  }
  return nullptr;
}

const Flag* FindFlagByPath(const std::vector<Flag>& flags, absl::string_view path) {
  // Indexes are dropped; what is left may go on below a flag that takes JSON.
  std::string fields;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (path[i] == '[') {
      while (i < path.size() && path[i] != ']') ++i;
    } else {
      fields += path[i];
    }
  }
  const Flag* best = nullptr;
  std::size_t best_length = 0;
  for (const Flag& flag : flags) {
    const std::string own =
        absl::StrJoin(flag.path, ".", [](std::string* out, const pb::FieldDescriptor* part) {
          absl::StrAppend(out, std::string(part->name()));
        });
    const bool inside = fields == own || (fields.size() > own.size() && fields[own.size()] == '.' &&
                                          fields.compare(0, own.size(), own) == 0);
    if (inside && own.size() > best_length) {
      best = &flag;
      best_length = own.size();
    }
  }
  return best;
}

std::string ValueName(const Flag& flag) {
  switch (flag.kind) {
    case FlagKind::kBool:
    case FlagKind::kPresence:
      return "";
    case FlagKind::kNumber:
      return "N";
    case FlagKind::kText:
      return "TEXT";
    case FlagKind::kBytes:
      return "BASE64|@FILE";
    case FlagKind::kEnum: {
      const std::string choices =
          absl::StrJoin(EnumChoices(flag.field()->enum_type()), "|",
                        [](std::string* out, const pb::EnumValueDescriptor* value) {
                          absl::StrAppend(out, ShortEnumName(value));
                        });
      return choices.size() <= 30 ? choices : "CHOICE";
    }
    case FlagKind::kTime:
      return "TIME";
    case FlagKind::kDuration:
      return "DURATION";
    case FlagKind::kFieldMask:
      return "FIELDS";
    case FlagKind::kJson:
      return "JSON|K=V,...";
    case FlagKind::kMap:
      return "KEY=VALUE";
  }
  return "";
}

}  // namespace logexport::cli
