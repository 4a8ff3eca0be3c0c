#include "logexport/connection.h"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/channel_arguments.h>

namespace logexport::client {
namespace {

constexpr int kMaxAnswerBytes = 64 << 20;
constexpr int kConnectMilliseconds = 5000;
constexpr int kFirstReconnectMilliseconds = 100;
constexpr int kMaxReconnectMilliseconds = 1000;
constexpr absl::Duration kFirstConnection = absl::Seconds(2);
constexpr char kClaimedCallerKey[] = "logexport-claimed-caller";

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

absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> Credentials(
    const ConnectionOptions& options) {
  if (UsesPlaintext(options)) return grpc::InsecureChannelCredentials();
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

bool UsesPlaintext(const ConnectionOptions& options) {
  using Transport = ConnectionOptions::Transport;
  const bool tls_files =
      !options.ca_file.empty() || !options.cert_file.empty() || !options.key_file.empty();
  return options.transport == Transport::kPlaintext ||
         (options.transport == Transport::kAuto && !tls_files && IsLoopback(options.server));
}

absl::Status CheckOptions(const ConnectionOptions& options) {
  if (const auto address = ParseServerAddress(options.server); !address.ok()) {
    return address.status();
  }
  const bool tls_files =
      !options.ca_file.empty() || !options.cert_file.empty() || !options.key_file.empty();
  if (options.transport == ConnectionOptions::Transport::kPlaintext && tls_files) {
    return absl::InvalidArgumentError("TLS files make no sense on a plaintext connection");
  }
  if (options.cert_file.empty() != options.key_file.empty()) {
    return absl::InvalidArgumentError("a client certificate and its key belong together");
  }
  if (UsesPlaintext(options) && !options.token_file.empty() && !IsLoopback(options.server)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the token would go to ", options.server,
        " without encryption, where others can read it; use TLS, or reach the service through a "
        "tunnel that ends on this machine"));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<Connection>> Connection::Open(const ConnectionOptions& options) {
  if (absl::Status status = CheckOptions(options); !status.ok()) return status;
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
  const bool loopback = IsLoopback(options.server);
  // A proxy cannot reach this machine's own addresses, and must not see what is sent to them.
  if (loopback) arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  auto connection = std::make_unique<Connection>(
      grpc::CreateCustomChannel(options.server, *credentials, arguments), options.token_file,
      loopback ? options.claimed_caller : "");
  connection->tried_ = false;
  grpc::ClientContext probe;  // a wrong token file is told now rather than at the first call
  if (absl::Status status = connection->Prepare(probe, absl::InfiniteDuration()); !status.ok()) {
    return status;
  }
  return connection;
}

Connection::Connection(std::shared_ptr<grpc::Channel> channel, std::string token_file,
                       std::string claimed_caller)
    : channel_(std::move(channel)),
      token_file_(std::move(token_file)),
      claimed_caller_(std::move(claimed_caller)) {}

void Connection::ConnectFirst(absl::Duration deadline) const {
  if (tried_.exchange(true)) return;
  const absl::Duration most = std::min(kFirstConnection, std::max(deadline, absl::ZeroDuration()));
  channel_->WaitForConnected(std::chrono::system_clock::now() + absl::ToChronoMilliseconds(most));
}

absl::Status Connection::Prepare(grpc::ClientContext& context, absl::Duration deadline) const {
  if (deadline != absl::InfiniteDuration()) {
    context.set_deadline(std::chrono::system_clock::now() + absl::ToChronoMilliseconds(deadline));
  }
  // What is no printable ASCII would be refused by gRPC with a crash.
  if (!claimed_caller_.empty() &&
      std::all_of(claimed_caller_.begin(), claimed_caller_.end(),
                  [](char c) { return absl::ascii_isgraph(static_cast<unsigned char>(c)); })) {
    context.AddMetadata(kClaimedCallerKey, claimed_caller_);
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
