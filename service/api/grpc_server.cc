#include "service/api/grpc_server.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include <grpcpp/resource_quota.h>

#include "service/base/listening_socket.h"
#include "service/base/status_macros.h"

namespace logexport {
namespace {

constexpr char kServiceName[] = "logexport.v1.LogExportService";
// Twice what is served: gRPC itself refuses without any details, so that it gets only what nobody
// could send by mistake (see CheckRequestSize).
constexpr int kLargestMessage = 8 << 20;
// What all connections together may hold of messages in transit. Beyond it gRPC ends streams.
constexpr std::size_t kMostMemory = std::size_t{48} << 20;
// How much of a message may arrive before it is read. Requests are small.
constexpr int kReadAhead = 16 << 10;
// On one connection.
constexpr int kMostConcurrentStreams = 200;
// Each call holds a thread while it lasts.
constexpr int kMostThreads = 512;
// A client that does not get through its handshakes in this time is no client.
constexpr int kHandshakeMs = 10'000;
// Connections without calls; clients connect again by themselves.
constexpr int kIdleMs = 300'000;
// A bit more than the longest call takes (see CallGate).
constexpr absl::Duration kLongestGrace = absl::Seconds(70);
constexpr int kKeepalivePingMs = 60'000;
// Clients that watch ping every 30 s; gRPC closes connections of those that ping more often than
// this (grpc doc/keepalive.md).
constexpr int kShortestPingIntervalMs = 10'000;

int Milliseconds(absl::Duration duration) {
  return static_cast<int>(absl::ToInt64Milliseconds(duration));
}

void SetLimits(grpc::ServerBuilder& builder, absl::Duration connection_age) {
  builder.SetMaxReceiveMessageSize(kLargestMessage);
  // gRPC inflates a request before it looks at its size. No request of ours is worth compressing.
  builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_GZIP, false);
  builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_DEFLATE, false);
  grpc::ResourceQuota quota("api");
  quota.Resize(kMostMemory).SetMaxThreads(kMostThreads);
  builder.SetResourceQuota(quota);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, kMostConcurrentStreams);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_STREAM_LOOKAHEAD_BYTES, kReadAhead);
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, kHandshakeMs);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS, kIdleMs);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS, Milliseconds(connection_age));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS,
                             Milliseconds(std::min(connection_age, kLongestGrace)));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepalivePingMs);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                             kShortestPingIntervalMs);
}

}  // namespace

GrpcServer::GrpcServer(StallGuard& guard)
    : stranger_calls_(guard),
      health_(stranger_calls_),
      reflection_(stranger_calls_, {kServiceName, "grpc.health.v1.Health",
                                    "grpc.reflection.v1alpha.ServerReflection"}) {}

absl::StatusOr<std::unique_ptr<GrpcServer>> GrpcServer::Listen(
    const std::string& address, std::shared_ptr<grpc::ServerCredentials> credentials,
    grpc::Service& service, StallGuard& guard, absl::Duration connection_age) {
  absl::StatusOr<ListeningSockets> listening = ListenOn(address);
  if (!listening.ok()) {
    return absl::UnavailableError(
        absl::StrCat(listening.status().message(), "; choose another with --listen"));
  }
  std::unique_ptr<GrpcServer> made(new GrpcServer(guard));
  made->address_ = absl::StrCat(address.substr(0, address.rfind(':')), ":", listening->port);
  // HealthService stands in for gRPC's own.
  grpc::EnableDefaultHealthCheckService(false);
  grpc::ServerBuilder builder;
  SetLimits(builder, connection_age);
  builder.RegisterService(&service);
  builder.RegisterService(&made->health_);
  builder.RegisterService(&made->reflection_);
  made->connections_ = builder.experimental().AddExternalConnectionAcceptor(
      grpc::ServerBuilder::experimental_type::ExternalConnectionType::FROM_FD,
      std::move(credentials));
  made->server_ = builder.BuildAndStart();
  if (made->server_ == nullptr) {
    return absl::UnavailableError(absl::StrCat("cannot serve gRPC on ", address));
  }
  made->acceptor_ = std::make_unique<ConnectionAcceptor>(
      *std::move(listening), LimitsForThisProcess(),
      [connections = made->connections_.get()](int listener, int connection) {
        grpc::experimental::ExternalConnectionAcceptor::NewConnectionParameters parameters;
        parameters.listener_fd = listener;
        parameters.fd = connection;
        connections->HandleNewConnection(&parameters);
      });
  return made;
}

GrpcServer::~GrpcServer() { Shutdown(absl::ZeroDuration()); }

void GrpcServer::Shutdown(absl::Duration grace) {
  acceptor_.reset();
  if (server_ == nullptr) return;
  health_.Close();
  server_->Shutdown(std::chrono::system_clock::now() + absl::ToChronoMilliseconds(grace));
}

}  // namespace logexport
