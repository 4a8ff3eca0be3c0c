#ifndef LOGEXPORT_CLIENT_CLI_API_SCHEMA_H_
#define LOGEXPORT_CLIENT_CLI_API_SCHEMA_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

namespace logexport::cli {

// A comment of the proto files as help text.
struct Comment {
  std::string brief;  // the first sentence, without its full stop
  std::string full;   // everything; lines of a paragraph joined, paragraphs separated by \n\n
};

Comment CommentOf(const google::protobuf::MethodDescriptor* method);
Comment CommentOf(const google::protobuf::FieldDescriptor* field);
Comment CommentOf(const google::protobuf::EnumValueDescriptor* value);
Comment CommentOf(const google::protobuf::Descriptor* message);
Comment CommentOf(const google::protobuf::OneofDescriptor* oneof);
// For tests: what the above make of a comment as protoc gives it.
Comment MakeComment(absl::string_view raw);

// RunNow → run-now, auth0_domain → auth0-domain.
std::string KebabCase(absl::string_view name);

// RUN_STATE_QUEUED of enum RunState → queued.
std::string ShortEnumName(const google::protobuf::EnumValueDescriptor* value);

// The values a person can choose from: those that are neither *_UNSPECIFIED nor deprecated.
std::vector<const google::protobuf::EnumValueDescriptor*> EnumChoices(
    const google::protobuf::EnumDescriptor* type);

// One RPC as a command.
struct Command {
  const google::protobuf::MethodDescriptor* method = nullptr;
  std::string name;                  // run-now
  std::vector<std::string> aliases;  // run
  std::string path;                  // /logexport.v1.LogExportService/RunNow
  Comment comment;
  bool destructive = false;
  bool writes = false;                                              // has side effects
  const google::protobuf::MethodDescriptor* followed_by = nullptr;  // streams the run it starts
};

// The commands and message types of one service, made of a descriptor set and nothing else: an RPC
// or a field added to the proto files is a command or a flag, with help, without any code.
class Schema {
 public:
  // `descriptor_set` is a google.protobuf.FileDescriptorSet with source info, dependencies first.
  // INVALID_ARGUMENT if it is damaged or does not hold `service`.
  static absl::StatusOr<std::unique_ptr<Schema>> Create(absl::string_view descriptor_set,
                                                        const std::string& service);

  const google::protobuf::ServiceDescriptor& service() const { return *service_; }
  const std::vector<Command>& commands() const { return commands_; }
  // By name or alias; null if there is none.
  const Command* Find(absl::string_view name) const;
  const Command* Find(const google::protobuf::MethodDescriptor* method) const;

  std::unique_ptr<google::protobuf::Message> New(const google::protobuf::Descriptor* type) const;

 private:
  Schema() = default;

  std::unique_ptr<google::protobuf::DescriptorPool> pool_;
  std::unique_ptr<google::protobuf::MessageFactory> factory_;
  const google::protobuf::ServiceDescriptor* service_ = nullptr;
  std::vector<Command> commands_;
};

}  // namespace logexport::cli

#endif  // LOGEXPORT_CLIENT_CLI_API_SCHEMA_H_
