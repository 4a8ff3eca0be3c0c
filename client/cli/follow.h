#ifndef LOGEXPORT_CLIENT_CLI_FOLLOW_H_
#define LOGEXPORT_CLIENT_CLI_FOLLOW_H_

#include <memory>

#include "absl/functional/function_ref.h"
#include "absl/time/time.h"
#include <google/protobuf/message.h>
#include <grpcpp/support/status.h>

#include "client/cli/api_schema.h"
#include "client/cli/cli_context.h"
#include "client/cli/rpc_call.h"
#include "logexport/v1/run.pb.h"

namespace logexport::cli {

// Whether the method streams the progress of a run, in contrast to any other stream.
bool StreamsRun(const google::protobuf::MethodDescriptor* method);

struct Followed {
  enum class End {
    kFinished,  // the run has ended; `last` holds its report
    kTimedOut,
    kDetached,  // Ctrl-C
    kFailed,    // `status` says why
  };
  End end = End::kFailed;
  grpc::Status status;
  v1::WatchRunResponse last;
};

// Follows a run with the streaming `command`, resuming where it was when the stream breaks, until
// the run ends, `deadline` is over or Ctrl-C is pressed. The run itself goes on in any case.
Followed FollowRun(
    const CliContext& context, Caller& caller, const Schema& schema, const Command& command,
    const google::protobuf::Message& request, absl::Duration deadline,
    absl::FunctionRef<void(const google::protobuf::Message&, const v1::WatchRunResponse&)>
        on_update);

// The exit code that tells how a finished run ended.
int ExitCodeOf(const v1::Report& report);

}  // namespace logexport::cli

#endif  // LOGEXPORT_CLIENT_CLI_FOLLOW_H_
