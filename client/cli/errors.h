#ifndef LOGEXPORT_CLIENT_CLI_ERRORS_H_
#define LOGEXPORT_CLIENT_CLI_ERRORS_H_

#include <string>

#include "absl/strings/string_view.h"
#include <google/protobuf/message.h>
#include <grpcpp/support/status.h>

#include "client/cli/command_line.h"

namespace logexport::cli {

// The exit codes of the program; scripts rely on them.
constexpr int kExitOk = 0;
constexpr int kExitLocal = 1;        // something here failed
constexpr int kExitUsage = 2;        // the command line is wrong
constexpr int kExitRunFailed = 3;    // the awaited run FAILED or was CANCELLED
constexpr int kExitDeadLetters = 4;  // the awaited run SUCCEEDED with dead letters
constexpr int kExitTimedOut = 5;     // the awaited run goes on
constexpr int kExitAttention = 10;   // --check, doctor: something needs attention
constexpr int kExitFailing = 11;     // --check, doctor: something does not work
constexpr int kExitRpc = 64;         // + gRPC status code
constexpr int kExitDetached = 130;   // Ctrl-C while following a run, as shells have it

// What a failed call says to a person, in several lines: message, code and reason, every wrong
// field under the name of its flag, what to do next; in the words of the command line. `program`
// begins the first line. `advice` is what was found out about a service that cannot be reached.
std::string DescribeFailure(const grpc::Status& status, const Invocation& invocation,
                            const google::protobuf::Message& request, absl::string_view program,
                            absl::string_view advice = "");

// The same for programs: {"error": {"code", "message", "reason", "metadata", "violations":
// [{"field", "flag", "description"}], "retryDelay", …}}.
std::string FailureAsJson(const grpc::Status& status, const Invocation& invocation);

// UNAVAILABLE, NOT_FOUND …
std::string StatusCodeName(grpc::StatusCode code);

}  // namespace logexport::cli

#endif  // LOGEXPORT_CLIENT_CLI_ERRORS_H_
