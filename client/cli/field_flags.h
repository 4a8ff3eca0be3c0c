#ifndef LOGEXPORT_CLIENT_CLI_FIELD_FLAGS_H_
#define LOGEXPORT_CLIENT_CLI_FIELD_FLAGS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include <google/protobuf/descriptor.h>

namespace logexport::cli {

enum class FlagKind {
  kBool,
  kNumber,
  kText,
  kBytes,
  kEnum,
  kTime,       // google.protobuf.Timestamp
  kDuration,   // google.protobuf.Duration
  kFieldMask,  // google.protobuf.FieldMask
  kPresence,   // a message without fields: the flag sets it
  kJson,       // a message, or one nested too deep for flags of its own
  kMap,
};

// One field of a request as a flag.
struct Flag {
  std::string name;  // schedule.cron; without the leading --
  FlagKind kind = FlagKind::kText;
  // From the request to the field. Longer than one for fields of nested messages.
  std::vector<const google::protobuf::FieldDescriptor*> path;
  bool repeated = false;
  bool sensitive = false;   // never takes its value from the command line
  bool positional = false;  // also the command's argument
  bool required = false;
  // Flags of the same oneof exclude each other. Null if the field is in none.
  const google::protobuf::OneofDescriptor* oneof = nullptr;
  // The nested message it belongs to, for help: "schedule", or empty.
  std::string group;
  // Whether the field belongs to the resource that the request's update_mask is about, and where in
  // it: "schedule.cron".
  bool masked = false;
  std::string mask_path;

  const google::protobuf::FieldDescriptor* field() const { return path.back(); }
};

// The flags of a request, in the order of its fields. The fields of a message marked `flatten`
// appear without its name; where that would collide with another field, with it.
std::vector<Flag> FlagsOf(const google::protobuf::Descriptor* request);

// The flag called `name` (dashes and underscores are the same), or null.
const Flag* FindFlag(const std::vector<Flag>& flags, absl::string_view name);

// The flag that sets the field at `path` of the request, as servers name it in errors, e.g.
// "config.privacy.rules[2].path"; null if none does.
const Flag* FindFlagByPath(const std::vector<Flag>& flags, absl::string_view path);

// What stands for the value in help: TIME, TEXT, reject|join|queue …
std::string ValueName(const Flag& flag);

}  // namespace logexport::cli

#endif  // LOGEXPORT_CLIENT_CLI_FIELD_FLAGS_H_
