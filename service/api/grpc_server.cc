#include "service/api/grpc_server.h"

#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>

namespace logexport {
namespace {

constexpr char kServiceName[] = "logexport.v1.LogExportService";
// Twice what is served: gRPC itself refuses without any details, so that it gets only what nobody
// could send by mistake (see CallGate).
constexpr int kLargestMessage = 8 << 20;
// Each watcher holds a thread; the sync server makes threads as calls come.
constexpr int kMostConcurrentStreams = 200;
constexpr int kKeepalivePingMs = 60'000;
// Clients that watch ping every 30 s; gRPC closes connections of those that ping more often than
// this (grpc doc/keepalive.md).
constexpr int kShortestPingIntervalMs = 10'000;

}  // namespace

absl::StatusOr<std::unique_ptr<GrpcServer>> GrpcServer::Listen(
    const std::string& address, std::shared_ptr<grpc::ServerCredentials> credentials,
    grpc::Service& service) {
  grpc::EnableDefaultHealthCheckService(true);
  // Named explicitly: the linker drops a plugin that nothing refers to.
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort(address, std::move(credentials), &port);
  builder.RegisterService(&service);
  builder.SetMaxReceiveMessageSize(kLargestMessage);
  // Two processes must not share a port unnoticed.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, kMostConcurrentStreams);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepalivePingMs);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                             kShortestPingIntervalMs);
  std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr || port == 0) {
    return absl::UnavailableError(
        absl::StrCat("cannot listen on ", address,
                     ": the address is in use or not of this host; choose another with --listen"));
  }
  const std::string host = address.substr(0, address.rfind(':'));
  std::unique_ptr<GrpcServer> made(
      new GrpcServer(std::move(server), absl::StrCat(host, ":", port)));
  made->SetServing(false);
  return made;
}

GrpcServer::~GrpcServer() { Shutdown(absl::ZeroDuration()); }

void GrpcServer::SetServing(bool serving) {
  grpc::HealthCheckServiceInterface* health = server_->GetHealthCheckService();
  health->SetServingStatus("", serving);
  health->SetServingStatus(kServiceName, serving);
}

void GrpcServer::Shutdown(absl::Duration grace) {
  // Never without a deadline: an open health watch would hold it for ever.
  server_->Shutdown(std::chrono::system_clock::now() + absl::ToChronoMilliseconds(grace));
}

}  // namespace logexport
