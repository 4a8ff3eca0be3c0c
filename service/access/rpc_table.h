#ifndef LOGEXPORT_SERVICE_ACCESS_RPC_TABLE_H_
#define LOGEXPORT_SERVICE_ACCESS_RPC_TABLE_H_

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include <google/protobuf/message.h>

#include "service/access/call_gate.h"

namespace logexport {

// What an RPC does once its call is admitted and its request is read. One of the two is set.
struct Rpc {
  // Answers one message, of the method's output type.
  std::function<absl::StatusOr<std::unique_ptr<google::protobuf::Message>>(
      const Call& call, const google::protobuf::Message& request)>
      answer;
  // Answers a stream of them and blocks until it ends. `check` is not OK once the client is gone or
  // may not make the call any more; `write` is false when the client is gone.
  std::function<absl::Status(const Call& call, const google::protobuf::Message& request,
                             absl::FunctionRef<absl::Status()> check,
                             absl::FunctionRef<bool(const google::protobuf::Message&)> write)>
      stream;
};

// The RPCs of the API by name: the one place that says what each does, whatever way its calls come.
// Filled once; afterwards thread-safe.
class RpcTable {
 public:
  // `body(call, request)` returns a StatusOr of the response.
  template <typename Request, typename Body>
  void Add(absl::string_view method, Body body) {
    rpcs_[std::string(method)].answer =
        [body = std::move(body)](const Call& call, const google::protobuf::Message& request)
        -> absl::StatusOr<std::unique_ptr<google::protobuf::Message>> {
      auto response = body(call, static_cast<const Request&>(request));
      if (!response.ok()) return response.status();
      using Response = typename decltype(response)::value_type;
      return std::make_unique<Response>(*std::move(response));
    };
  }

  // `body(call, request, check, write)` returns a Status.
  template <typename Request, typename Body>
  void AddStream(absl::string_view method, Body body) {
    rpcs_[std::string(method)].stream =
        [body = std::move(body)](const Call& call, const google::protobuf::Message& request,
                                 absl::FunctionRef<absl::Status()> check,
                                 absl::FunctionRef<bool(const google::protobuf::Message&)> write) {
          return body(call, static_cast<const Request&>(request), check, write);
        };
  }

  // Null when there is none of that name.
  const Rpc* Find(absl::string_view method) const {
    const auto found = rpcs_.find(method);
    return found == rpcs_.end() ? nullptr : &found->second;
  }

 private:
  absl::flat_hash_map<std::string, Rpc> rpcs_;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_ACCESS_RPC_TABLE_H_
