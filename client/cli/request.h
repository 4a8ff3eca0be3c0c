#ifndef LOGEXPORT_CLIENT_CLI_REQUEST_H_
#define LOGEXPORT_CLIENT_CLI_REQUEST_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include <google/protobuf/message.h>

#include "client/cli/cli_context.h"
#include "client/cli/command_line.h"
#include "client/cli/terminal.h"
#include "client/cli/values.h"
#include "logexport/diagnosis.h"

namespace logexport::cli {

// What the values of flags are made of beside the words that were typed.
struct RequestContext {
  ValueContext values;
  Environment environment;
  std::function<std::string()> new_request_id;
};
RequestContext RequestContextOf(const CliContext& context);

struct BuiltRequest {
  std::unique_ptr<google::protobuf::Message> message;
  // How relative or local times were understood: "--time is 2026-11-22T23:00:00Z (2h ago)".
  std::vector<std::string> notes;
};

// Makes the request of a kCall invocation: --json first, then the flags, then what follows from
// them (update_mask, request_id). May ask for secrets on the terminal. INVALID_ARGUMENT names every
// wrong flag, one per line.
absl::StatusOr<BuiltRequest> BuildRequest(const Schema& schema, const Invocation& invocation,
                                          const RequestContext& context, Terminal& terminal);

// A copy in which every literal secret reads ********.
std::unique_ptr<google::protobuf::Message> MaskSecrets(const google::protobuf::Message& message);

// The command line that makes the same call with grpcurl, quoted for a shell.
std::string GrpcurlLine(const Command& command, const google::protobuf::Message& request,
                        const client::ConnectionOptions& connection);

}  // namespace logexport::cli

#endif  // LOGEXPORT_CLIENT_CLI_REQUEST_H_
