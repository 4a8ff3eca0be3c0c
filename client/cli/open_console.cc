#include "client/cli/open_console.h"

#include <ostream>
#include <utility>

#include "absl/time/time.h"

#include "client/cli/answer_printer.h"
#include "client/cli/errors.h"
#include "client/cli/rpc_call.h"
#include "logexport/v1/login.pb.h"

namespace logexport::cli {
namespace {

constexpr absl::Duration kLoginDeadline = absl::Seconds(10);

}  // namespace

int RunOpenConsole(const CliContext& context, const Schema& schema, const Invocation& invocation) {
  // What is said of failures is in the words of the command that this one stands on.
  Invocation call = invocation;
  call.command = schema.Find("create-login");
  std::ostream& err = context.terminal->err();
  if (call.command == nullptr) {
    err << context.program << ": this program has no such call\n";
    return kExitLocal;
  }
  const auto connection = context.connect(call.options.connection);
  if (!connection.ok()) {
    err << context.program << ": " << connection.status().message() << "\n";
    return kExitLocal;
  }
  const v1::CreateLoginRequest request;
  v1::CreateLoginResponse response;
  const grpc::Status status = Caller(**connection)
                                  .Unary(call.command->path, request,
                                         call.options.deadline.value_or(kLoginDeadline), response);
  if (!status.ok()) {
    err << DescribeFailure(status, call, request, context.program);
    return kExitRpc + status.error_code();
  }
  if (call.options.output != OutputFormat::kTable) {
    return AnswerPrinter(context, call).Print(response);
  }
  const bool opened = context.open_url && context.open_url(response.url());
  err << (opened ? "The console opens in your browser. If it does not, open this link"
                 : "Open this link in a browser")
      << "; it works once, within a minute:\n";
  context.terminal->out() << response.url() << "\n" << std::flush;
  return kExitOk;
}

}  // namespace logexport::cli
