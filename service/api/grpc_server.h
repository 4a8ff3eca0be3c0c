#ifndef LOGEXPORT_SERVICE_API_GRPC_SERVER_H_
#define LOGEXPORT_SERVICE_API_GRPC_SERVER_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include <grpcpp/grpcpp.h>

namespace logexport {

// The listening gRPC server: our service beside health and reflection, with limits that keep a
// careless client from harming others.
class GrpcServer {
 public:
  // Listens on `address` ("host:port"; port 0 picks a free one). `service` must outlive it.
  // UNAVAILABLE when the address is taken or not ours.
  static absl::StatusOr<std::unique_ptr<GrpcServer>> Listen(
      const std::string& address, std::shared_ptr<grpc::ServerCredentials> credentials,
      grpc::Service& service);
  ~GrpcServer();

  // Where it listens, with the port that was picked.
  const std::string& address() const { return address_; }

  // Tells health checks, overall and for our service by name, whether to send calls here.
  void SetServing(bool serving);

  // Stops taking calls, gives those in progress until `grace`, then cancels them.
  void Shutdown(absl::Duration grace);

 private:
  GrpcServer(std::unique_ptr<grpc::Server> server, std::string address)
      : server_(std::move(server)), address_(std::move(address)) {}

  std::unique_ptr<grpc::Server> server_;
  std::string address_;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_API_GRPC_SERVER_H_
