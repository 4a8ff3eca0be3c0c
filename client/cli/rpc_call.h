#ifndef LOGEXPORT_CLIENT_CLI_RPC_CALL_H_
#define LOGEXPORT_CLIENT_CLI_RPC_CALL_H_

#include <functional>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/time/time.h"
#include <google/protobuf/message.h>
#include <grpcpp/support/status.h>

#include "logexport/connection.h"

namespace logexport::cli {

// Makes calls by the name of the method, with messages whose types are known only at run time.
// One call at a time.
class Caller {
 public:
  explicit Caller(const client::Connection& connection) : connection_(connection) {}

  // `path` is /package.Service/Method. One attempt.
  grpc::Status Unary(const std::string& path, const google::protobuf::Message& request,
                     absl::Duration deadline, google::protobuf::Message& response);

  // Reads a server stream into `message`, calling `on_message` after each, until the stream ends
  // (its status is returned), `on_message` returns false (OK), or `idle` does. `idle` is called
  // about every 100 ms while nothing arrives; false ends the call with CANCELLED.
  grpc::Status Stream(const std::string& path, const google::protobuf::Message& request,
                      absl::Duration deadline, google::protobuf::Message& message,
                      absl::FunctionRef<bool()> on_message, absl::FunctionRef<bool()> idle);

 private:
  const client::Connection& connection_;
};

}  // namespace logexport::cli

#endif  // LOGEXPORT_CLIENT_CLI_RPC_CALL_H_
