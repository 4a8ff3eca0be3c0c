#ifndef LOGEXPORT_CLIENT_CLIENT_H_
#define LOGEXPORT_CLIENT_CLIENT_H_

#include <memory>
#include <string>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include <google/protobuf/message.h>
#include <grpcpp/client_context.h>
#include <grpcpp/support/status.h>

#include "logexport/connection.h"
#include "logexport/error_details.h"
#include "logexport/retry.h"
#include "logexport/v1/service.grpc.pb.h"

namespace logexport::client {

// Calls the service from another program:
//
//   auto client = Client::Connect({.server = "exporter.internal:50051"});
//   logexport::v1::RunNowRequest request;
//   auto started = (*client)->Call(&Client::Stub::RunNow, request);
//   auto report = (*client)->WaitForRun("default", started->run().run_id());
//
// Every call has a deadline, carries the token, and is repeated while the service is UNAVAILABLE;
// writes get a request_id if they have none, which is what makes repeating them safe. Errors are
// absl::Status; DetailsOf(status) has the reason, the wrong fields and when to try again.
// Thread-safe.
class Client {
 public:
  using Stub = v1::LogExportService::StubInterface;

  static constexpr absl::Duration kDefaultDeadline = absl::Seconds(30);

  // See Connection::Open for the errors.
  static absl::StatusOr<std::unique_ptr<Client>> Connect(const ConnectionOptions& options,
                                                         const RetryPolicy& retry = {});

  explicit Client(std::unique_ptr<Connection> connection, const RetryPolicy& retry = {});

  // Makes one unary call.
  template <typename Request, typename Response>
  absl::StatusOr<Response> Call(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                             Response*),
                                Request request, absl::Duration deadline = kDefaultDeadline) {
    SetRequestId(request);
    connection_->ConnectFirst(deadline);
    absl::Status prepared;
    Response response;
    const auto attempt = [&](absl::Duration left) {
      grpc::ClientContext context;
      prepared = connection_->Prepare(context, left);
      if (!prepared.ok()) return grpc::Status::CANCELLED;
      return (stub_.get()->*method)(&context, request, &response);
    };
    const grpc::Status status = CallWithRetry(retry_, deadline, attempt);
    if (!prepared.ok()) return prepared;
    if (!status.ok()) return ToAbslStatus(status);
    return response;
  }

  // Follows a run, calling `on_update` with every message until the run ends, `on_update` returns
  // false, or `timeout` has passed. A broken stream is resumed where it broke. Answers with the
  // last report; DEADLINE_EXCEEDED when time ran out (the run goes on), UNAVAILABLE when the
  // service could not be reached for 30 seconds.
  absl::StatusOr<v1::Report> Watch(const v1::WatchRunRequest& request,
                                   absl::FunctionRef<bool(const v1::WatchRunResponse&)> on_update,
                                   absl::Duration timeout = absl::InfiniteDuration());

  // Waits for the end of a run; as Watch.
  absl::StatusOr<v1::Report> WaitForRun(const std::string& exporter, const std::string& run_id,
                                        absl::Duration timeout = absl::InfiniteDuration());

  const Connection& connection() const { return *connection_; }

 private:
  std::unique_ptr<Connection> connection_;
  std::unique_ptr<v1::LogExportService::Stub> stub_;
  RetryPolicy retry_;

  static void SetRequestId(google::protobuf::Message& request);
};

// A random UUID, fit for `request_id`.
std::string NewRequestId();

}  // namespace logexport::client

#endif  // LOGEXPORT_CLIENT_CLIENT_H_
