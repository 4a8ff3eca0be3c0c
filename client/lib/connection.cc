#include "logexport/connection.h"

#include <fstream>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/channel_arguments.h>

namespace logexport::client {
namespace {

constexpr int kMaxAnswerBytes = 64 << 20;
constexpr int kConnectMilliseconds = 5000;
constexpr int kFirstReconnectMilliseconds = 100;
constexpr int kMaxReconnectMilliseconds = 1000;

absl::StatusOr<std::string> ReadFile(const std::string& path, absl::string_view what) {
  std::ifstream file(path, std::ios::binary);
  std::string contents;
  char part[4096];
  // Not by the iterators of the buffer: they throw where the file turns out to be a directory.
  while (file.read(part, sizeof(part)) || file.gcount() > 0) {
    contents.append(part, static_cast<std::size_t>(file.gcount()));
  }
  if (!file.eof()) return absl::NotFoundError(absl::StrCat("cannot read the ", what, " in ", path));
  return contents;
}

// The part of HOST:PORT before the port, without the brackets of an IPv6 address.
absl::string_view HostOf(absl::string_view server) {
  if (absl::ConsumePrefix(&server, "[")) return server.substr(0, server.find(']'));
  // Several colons without brackets are an IPv6 address without a port.
  const auto colon = server.find(':');
  return colon == server.rfind(':') ? server.substr(0, colon) : server;
}

absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> Credentials(
    const ConnectionOptions& options) {
  using Transport = ConnectionOptions::Transport;
  const bool tls_files =
      !options.ca_file.empty() || !options.cert_file.empty() || !options.key_file.empty();
  if (options.transport == Transport::kPlaintext && tls_files) {
    return absl::InvalidArgumentError("TLS files make no sense on a plaintext connection");
  }
  if (options.cert_file.empty() != options.key_file.empty()) {
    return absl::InvalidArgumentError("a client certificate and its key belong together");
  }
  const bool plaintext =
      options.transport == Transport::kPlaintext ||
      (options.transport == Transport::kAuto && !tls_files && IsLoopback(options.server));
  if (plaintext) return grpc::InsecureChannelCredentials();

  grpc::SslCredentialsOptions tls;
  const std::pair<const std::string&, std::string&> files[] = {
      {options.ca_file, tls.pem_root_certs},
      {options.cert_file, tls.pem_cert_chain},
      {options.key_file, tls.pem_private_key}};
  for (const auto& [path, contents] : files) {
    if (path.empty()) continue;
    auto read = ReadFile(path, "certificate or key");
    if (!read.ok()) return read.status();
    contents = *std::move(read);
  }
  return grpc::SslCredentials(tls);
}

}  // namespace

bool IsLoopback(absl::string_view server) {
  if (absl::StartsWith(server, "unix:")) return true;
  const absl::string_view host = HostOf(server);
  return host == "localhost" || host == "::1" || absl::StartsWith(host, "127.");
}

absl::StatusOr<std::unique_ptr<Connection>> Connection::Open(const ConnectionOptions& options) {
  if (options.server.empty()) return absl::InvalidArgumentError("no server address is given");
  auto credentials = Credentials(options);
  if (!credentials.ok()) return credentials.status();

  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kMaxAnswerBytes);
  // A repeated call must find out whether the service is back, rather than be told that it was
  // away.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, kFirstReconnectMilliseconds);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kMaxReconnectMilliseconds);
  // Despite its name this is how long connecting may take, handshakes and all
  // (https://github.com/grpc/grpc/issues/33423).
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kConnectMilliseconds);
  auto connection = std::make_unique<Connection>(
      grpc::CreateCustomChannel(options.server, *credentials, arguments), options.token_file);
  grpc::ClientContext probe;  // a wrong token file is told now rather than at the first call
  if (absl::Status status = connection->Prepare(probe, absl::InfiniteDuration()); !status.ok()) {
    return status;
  }
  return connection;
}

Connection::Connection(std::shared_ptr<grpc::Channel> channel, std::string token_file)
    : channel_(std::move(channel)), token_file_(std::move(token_file)) {}

absl::Status Connection::Prepare(grpc::ClientContext& context, absl::Duration deadline) const {
  if (deadline != absl::InfiniteDuration()) {
    context.set_deadline(std::chrono::system_clock::now() + absl::ToChronoMilliseconds(deadline));
  }
  if (token_file_.empty()) return absl::OkStatus();
  auto token = ReadFile(token_file_, "token");
  if (!token.ok()) return token.status();
  const absl::string_view trimmed = absl::StripAsciiWhitespace(*token);
  if (trimmed.empty()) {
    return absl::NotFoundError(absl::StrCat("the token file ", token_file_, " is empty"));
  }
  // A line break inside would be refused by gRPC with a crash instead of an error.
  for (const char c : trimmed) {
    if (!absl::ascii_isprint(static_cast<unsigned char>(c))) {
      return absl::NotFoundError(
          absl::StrCat("the token file ", token_file_, " holds more than one line of text"));
    }
  }
  context.AddMetadata("authorization", absl::StrCat("Bearer ", trimmed));
  return absl::OkStatus();
}

}  // namespace logexport::client
