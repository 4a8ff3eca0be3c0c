#include "tests/crash/service_life.h"

#include <csignal>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include <grpcpp/client_context.h>

#include "client/logexport/connection.h"
#include "logexport/v1/service.grpc.pb.h"
#include "service/base/status_macros.h"
#include "tests/support/paths.h"

namespace logexport {
namespace {

// How closely it is watched for having come to serve.
constexpr absl::Duration kWatch = absl::Milliseconds(5);
constexpr absl::Duration kCallLimit = absl::Seconds(1);

}  // namespace

absl::StatusOr<ServiceLife> ServiceLife::Begin(const std::string& state,
                                               ServiceProcess::Environment environment,
                                               const std::string& crash_point,
                                               const std::vector<std::string>& flags) {
  environment.emplace_back("LOGEXPORT_CRASH_POINT", crash_point);
  std::vector<std::string> command = {BinaryPath("logexportd"), "--listen", "127.0.0.1:0",
                                      "--state", absl::StrCat("sqlite:", state)};
  command.insert(command.end(), flags.begin(), flags.end());
  ServiceLife life;
  ASSIGN_OR_RETURN(life.process_, Subprocess::Start(command, environment));
  return life;
}

bool ServiceLife::Serves() {
  std::string output;
  absl::string_view line;
  for (;;) {
    if (DiesWithin(kWatch)) return false;
    output = process_->Output();
    const std::size_t end = output.find('\n');
    if (end == std::string::npos) continue;
    line = absl::string_view(output).substr(0, end);
    if (absl::ConsumePrefix(&line, "listening on ")) break;
  }
  address_ = std::string(line);
  return true;
}

bool ServiceLife::StartsRun() {
  if (!Serves()) return false;
  client::ConnectionOptions options;
  options.server = address_;
  const absl::StatusOr<std::unique_ptr<client::Connection>> connection =
      client::Connection::Open(options);
  if (!connection.ok()) return false;
  // Without the retries of the client library: it may die in the middle of the call.
  grpc::ClientContext context;
  if (!(*connection)->Prepare(context, kCallLimit).ok()) return false;
  v1::RunNowRequest request;
  request.set_on_active(v1::ON_ACTIVE_JOIN);
  v1::RunNowResponse response;
  (void)v1::LogExportService::NewStub((*connection)->channel())
      ->RunNow(&context, request, &response);
  return true;
}

bool ServiceLife::DiesWithin(absl::Duration time) {
  end_ = process_->Wait(time);
  return end_.has_value();
}

void ServiceLife::Kill() {
  process_->Signal(SIGKILL);
  end_ = process_->Wait(absl::Minutes(1));
}

}  // namespace logexport
