#ifndef LOGEXPORT_CLIENT_CLI_SESSION_H_
#define LOGEXPORT_CLIENT_CLI_SESSION_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include <google/protobuf/message.h>
#include <grpcpp/support/status.h>

#include "client/cli/answer_printer.h"
#include "client/cli/api_schema.h"
#include "client/cli/cli_context.h"
#include "client/cli/command_line.h"
#include "client/cli/request.h"
#include "client/cli/rpc_call.h"
#include "logexport/v1/run.pb.h"

namespace logexport::cli {

// One command against the service: asks where that is due, calls, pages, follows, prints.
class Session {
 public:
  // The arguments must outlive the session.
  Session(const CliContext& context, const Schema& schema, const Invocation& invocation)
      : context_(context),
        schema_(schema),
        invocation_(invocation),
        printer_(context, invocation) {}

  // Answers the exit code.
  int Run(BuiltRequest request);

 private:
  using Message = google::protobuf::Message;

  void PrintRequest(const Message& request);
  // Asks before a destructive call, showing what it would do where the call can tell.
  // 0 to go on, else the exit code.
  int Confirm(const Message& request);
  int CallUnary(Message& request);
  // One call, made again while the service is UNAVAILABLE if that does no harm.
  grpc::Status CallOnce(const Message& request, Message& response);
  // Calls until all pages, or as many items as wanted, are in `response`.
  grpc::Status CallPaged(Message& request, Message& response);
  int CallStream(const Message& request);
  int FollowStarted(const Message& request, const Message& response);
  int Follow(const Command& command, const Message& request, bool print_updates);

  std::int64_t DefaultLimit() const;
  void NoteRest(const Message& response);
  int Fail(const grpc::Status& status, const Message& request);
  // Prose as it goes to standard error.
  std::string Wrapped(const std::string& text) const;
  void Note(const std::string& text);
  std::string WatchLine(const Command& command, const std::string& exporter,
                        const std::string& run_id) const;

  const CliContext& context_;
  const Schema& schema_;
  const Invocation& invocation_;
  AnswerPrinter printer_;
  std::unique_ptr<client::Connection> connection_;
  std::unique_ptr<Caller> caller_;
};

}  // namespace logexport::cli

#endif  // LOGEXPORT_CLIENT_CLI_SESSION_H_
