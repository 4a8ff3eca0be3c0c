#ifndef LOGEXPORT_SERVICE_API_GRPC_SERVER_H_
#define LOGEXPORT_SERVICE_API_GRPC_SERVER_H_

#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include <grpcpp/grpcpp.h>

#include "service/api/health_service.h"
#include "service/api/reflection_service.h"
#include "service/api/stall_guard.h"
#include "service/api/stranger_calls.h"
#include "service/base/connection_acceptor.h"

namespace logexport {

// The listening gRPC server: our service beside health and reflection, with limits that keep a
// careless or hostile client from harming others. What is not read takes next to no memory: the
// handlers of all services are called when the headers of a call have arrived.
class GrpcServer {
 public:
  // Listens on `address` ("host:port"; port 0 picks a free one). Connections are closed when they
  // are older than `connection_age`; calls in progress then have as long again, up to a bit more
  // than any but a stream may take. `service` and `guard` must outlive it. UNAVAILABLE when the
  // address is taken or not ours.
  static absl::StatusOr<std::unique_ptr<GrpcServer>> Listen(
      const std::string& address, std::shared_ptr<grpc::ServerCredentials> credentials,
      grpc::Service& service, StallGuard& guard, absl::Duration connection_age = absl::Hours(1));
  ~GrpcServer();

  // Where it listens, with the port that was picked.
  const std::string& address() const { return address_; }

  // Tells health checks, overall and for our service by name, whether to send calls here.
  void SetServing(bool serving) { health_.SetServing(serving); }

  // Connects to itself and tells whether the connection is taken within `limit`.
  bool Reachable(absl::Duration limit) { return acceptor_->Reachable(limit); }

  // Stops taking calls, gives those in progress until `grace`, then cancels them.
  void Shutdown(absl::Duration grace);

 private:
  explicit GrpcServer(StallGuard& guard);

  std::string address_;
  StrangerCalls stranger_calls_;
  HealthService health_;
  ReflectionService reflection_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> connections_;
  std::unique_ptr<ConnectionAcceptor> acceptor_;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_API_GRPC_SERVER_H_
