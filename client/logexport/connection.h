#ifndef LOGEXPORT_CLIENT_CONNECTION_H_
#define LOGEXPORT_CLIENT_CONNECTION_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

namespace logexport::client {

// How to reach the service.
struct ConnectionOptions {
  enum class Transport {
    kAuto,       // plaintext to a loopback address or Unix socket without TLS files, else TLS
    kPlaintext,  // no encryption: tokens and logs can be read on the way
    kTls,
  };

  std::string server = "127.0.0.1:50051";  // HOST:PORT, or unix:PATH
  Transport transport = Transport::kAuto;
  std::string ca_file;    // PEM; empty: the system's authorities
  std::string cert_file;  // PEM; for a service that asks for client certificates, with key_file
  std::string key_file;   // PEM
  // File with the bearer token. Read again for every call, so that it can be rotated. Empty: none.
  std::string token_file;
};

// Whether the address can only be reached from this machine.
bool IsLoopback(absl::string_view server);

// A channel to the service and what each call on it needs. Thread-safe.
class Connection {
 public:
  // Opens a connection; nothing is sent before the first call.
  //   INVALID_ARGUMENT     the options contradict each other
  //   NOT_FOUND            a file cannot be read (the message names it)
  static absl::StatusOr<std::unique_ptr<Connection>> Open(const ConnectionOptions& options);

  // On an existing channel, e.g. one in the same process.
  Connection(std::shared_ptr<grpc::Channel> channel, std::string token_file);

  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }

  // Adds the token. A `deadline` of absl::InfiniteDuration() sets none.
  //   NOT_FOUND  the token file cannot be read or is empty
  absl::Status Prepare(grpc::ClientContext& context, absl::Duration deadline) const;

 private:
  std::shared_ptr<grpc::Channel> channel_;
  std::string token_file_;
};

}  // namespace logexport::client

#endif  // LOGEXPORT_CLIENT_CONNECTION_H_
