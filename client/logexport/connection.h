#ifndef LOGEXPORT_CLIENT_CONNECTION_H_
#define LOGEXPORT_CLIENT_CONNECTION_H_

#include <atomic>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include "logexport/address.h"

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
  // A token is never sent in the clear beyond this machine.
  std::string token_file;
  // Who the caller says he is, USER@HOST. A service on this machine that asks for no token records
  // it as claimed; it is sent to no other. Empty: nothing is claimed.
  std::string claimed_caller;
};

// Whether the options make sense together. INVALID_ARGUMENT: the address is not HOST:PORT or
// unix:PATH, TLS files on a plaintext connection, half a client certificate, or a token that would
// be sent in the clear. Reads no file.
absl::Status CheckOptions(const ConnectionOptions& options);

// Whether a connection with these options is without TLS.
bool UsesPlaintext(const ConnectionOptions& options);

// A channel to the service and what each call on it needs. Thread-safe.
class Connection {
 public:
  // Opens a connection; nothing is sent before the first call. No proxy is used for an address of
  // this machine.
  //   INVALID_ARGUMENT     the address is not HOST:PORT or unix:PATH, or the options contradict
  //   each
  //                        other or would send a token in the clear
  //   NOT_FOUND            a file cannot be read (the message names it)
  static absl::StatusOr<std::unique_ptr<Connection>> Open(const ConnectionOptions& options);

  // On an existing channel, e.g. one in the same process.
  Connection(std::shared_ptr<grpc::Channel> channel, std::string token_file,
             std::string claimed_caller = "");

  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }

  // Connects if there is no connection yet, and tries again while that fails, for two seconds at
  // most and not beyond `deadline`. Does so at the first call only. gRPC fails a call at once when
  // its first connection fails, even where the next one would do; nothing has been sent then, so
  // that this is safe for writes too. What lasts longer is told by the call that follows.
  void ConnectFirst(absl::Duration deadline) const;

  // Adds the token. A `deadline` of absl::InfiniteDuration() sets none.
  //   NOT_FOUND  the token file cannot be read or is empty
  absl::Status Prepare(grpc::ClientContext& context, absl::Duration deadline) const;

 private:
  std::shared_ptr<grpc::Channel> channel_;
  std::string token_file_;
  std::string claimed_caller_;
  // A channel that was handed in may be in-process, which gRPC ends the program for being asked
  // about.
  mutable std::atomic<bool> tried_{true};
};

}  // namespace logexport::client

#endif  // LOGEXPORT_CLIENT_CONNECTION_H_
