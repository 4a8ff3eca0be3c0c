#include "service/api/tls_credentials.h"

#include <optional>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include <grpc/grpc.h>
#include <grpc/grpc_security.h>

#include "service/base/logging.h"
#include "service/base/mutex.h"
#include "service/base/status_macros.h"

namespace logexport {
namespace {

// gRPC's C++ API has two ways to TLS: SslServerCredentials, which never reads a file again, and the
// experimental TlsServerCredentials, whose file watcher serves nobody while a certificate is
// replaced and its key is not yet. The C API has a third, which asks at every handshake and keeps
// what it has when the answer is no: grpc_security.h of gRPC 1.51,
// grpc_ssl_server_credentials_create_options_using_config_fetcher.
class ReloadingCredentials final : public grpc::ServerCredentials {
 public:
  ReloadingCredentials(std::unique_ptr<TlsFiles> files, TlsMaterial first)
      : files_(std::move(files)) {
    credentials_ = grpc_ssl_server_credentials_create_with_options(
        grpc_ssl_server_credentials_create_options_using_config_fetcher(
            !first.client_ca.empty() ? GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY
                                     : GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE,
            &ReloadingCredentials::Fetch, this));
    next_ = std::move(first);
  }
  ~ReloadingCredentials() override { grpc_server_credentials_release(credentials_); }

  // Callers are told apart by their call, by CallGate: there is no processor.
  void SetAuthMetadataProcessor(const std::shared_ptr<grpc::AuthMetadataProcessor>&) override {}

 private:
  int AddPortToServer(const std::string& address, grpc_server* server) override {
    return grpc_server_add_http2_port(server, address.c_str(), credentials_);
  }

  static grpc_ssl_certificate_config_reload_status Fetch(
      void* self, grpc_ssl_server_certificate_config** config) {
    const std::optional<TlsMaterial> material = static_cast<ReloadingCredentials*>(self)->TakeNew();
    if (!material.has_value()) return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_UNCHANGED;
    const grpc_ssl_pem_key_cert_pair pair{material->private_key.c_str(),
                                          material->certificate_chain.c_str()};
    // gRPC wants authorities also where no client is asked for a certificate; then any will do.
    const std::string& authorities =
        material->client_ca.empty() ? material->certificate_chain : material->client_ca;
    *config = grpc_ssl_server_certificate_config_create(authorities.c_str(), &pair, 1);
    return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_NEW;
  }

  // What gRPC does not know yet; nothing when it knows all.
  std::optional<TlsMaterial> TakeNew() {
    MutexLock lock(&mutex_);
    if (next_.has_value()) return std::exchange(next_, std::nullopt);
    if (!files_->Changed()) return std::nullopt;
    absl::StatusOr<TlsMaterial> material = files_->Read();
    if (!material.ok()) {
      LogError("the TLS files have changed and cannot be used; those read before stay in use",
               {{"error", material.status()}});
      return std::nullopt;
    }
    LogInfo("the TLS files were read again",
            {{"valid_until", absl::FormatTime(material->valid_until, absl::UTCTimeZone())}});
    return *std::move(material);
  }

  grpc_server_credentials* credentials_ = nullptr;
  Mutex mutex_;
  const std::unique_ptr<TlsFiles> files_ ABSL_PT_GUARDED_BY(mutex_);
  std::optional<TlsMaterial> next_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> MakeTlsCredentials(
    std::unique_ptr<TlsFiles> files) {
  ASSIGN_OR_RETURN(TlsMaterial first, files->Read());
  return std::make_shared<ReloadingCredentials>(std::move(files), std::move(first));
}

}  // namespace logexport
