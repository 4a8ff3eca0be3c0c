#ifndef LOGEXPORT_TESTS_API_API_CALL_H_
#define LOGEXPORT_TESTS_API_API_CALL_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include <google/rpc/error_details.pb.h>
#include <grpcpp/grpcpp.h>

namespace logexport {

// How a call ended, with everything a client can see of it.
struct ApiReply {
  grpc::StatusCode code = grpc::StatusCode::OK;
  std::string message;
  std::vector<std::string> messages;  // serialised
  std::size_t detail_bytes = 0;
  // Of the error's details; empty where there is none.
  std::string domain;
  std::string reason;
  std::string request_id;
  std::map<std::string, std::string> metadata;
  std::vector<std::string> violations;  // field: description
  bool has_retry = false;

  bool ok() const { return code == grpc::StatusCode::OK; }
  std::vector<std::string> fields() const;
  // The (first) message of the answer. Fails the test when there is none.
  template <typename Message>
  Message As() const {
    Message answer;
    if (messages.empty() || !answer.ParseFromString(messages.front())) Complain();
    return answer;
  }
  template <typename Message>
  Message Last() const {
    Message answer;
    if (messages.empty() || !answer.ParseFromString(messages.back())) Complain();
    return answer;
  }

 private:
  void Complain() const;
};

std::ostream& operator<<(std::ostream& os, const ApiReply& reply);

struct ApiCallOptions {
  absl::Duration deadline = absl::Seconds(20);
  std::string token = {};
  // Called after each message; false cancels the call.
  std::function<bool(int messages)> on_message = {};
  // The call may cancel itself from elsewhere.
  grpc::ClientContext* context = nullptr;
};

// Makes any call of the service from the bytes of its request, valid or not, by the method's name.
// Blocks until it ends.
ApiReply CallApi(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
                 const std::string& request, const ApiCallOptions& options = {});

// The bytes of the method's request, from protobuf's text format. Fails the test when malformed.
std::string RequestOf(const std::string& method, const std::string& text);

// What every error promises: a documented reason of domain logexport, an id to find it by in the
// log, details that fit into the trailers, and never a defect.
void ExpectWellFormedError(const ApiReply& reply);

}  // namespace logexport

#endif  // LOGEXPORT_TESTS_API_API_CALL_H_
