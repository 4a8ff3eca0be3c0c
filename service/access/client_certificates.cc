#include "service/access/client_certificates.h"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include <openssl/err.h>
#include <openssl/x509_vfy.h>

#include "service/access/authenticator.h"
#include "service/access/pem.h"
#include "service/base/hash.h"
#include "service/base/logging.h"
#include "service/config/regular_file.h"

namespace logexport {
namespace {

constexpr std::size_t kLargestFile = std::size_t{4} << 20;
constexpr std::size_t kMostRemembered = 256;

struct StoreDeleter {
  void operator()(X509_STORE* store) const { X509_STORE_free(store); }
};
struct ContextDeleter {
  void operator()(X509_STORE_CTX* context) const { X509_STORE_CTX_free(context); }
};
struct StackDeleter {
  // The certificates themselves belong to others.
  void operator()(STACK_OF(X509) * stack) const { sk_X509_free(stack); }
};

}  // namespace

struct ClientCertificates::Store {
  std::unique_ptr<X509_STORE, StoreDeleter> authorities{X509_STORE_new()};
};

ClientCertificates::ClientCertificates(std::string path) : path_(std::move(path)) {}
ClientCertificates::~ClientCertificates() = default;

absl::Status ClientCertificates::Load() {
  stamp_ = StampOf(path_);
  const absl::StatusOr<std::string> content = ReadRegularFile(path_, kLargestFile);
  if (!content.ok()) {
    return absl::Status(content.status().code(),
                        absl::StrCat(path_, " ", content.status().message()));
  }
  auto store = std::make_unique<Store>();
  const std::vector<PemCertificate> authorities = CertificatesIn(*content);
  if (authorities.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(path_, " holds no certificate in PEM form"));
  }
  for (const PemCertificate& authority : authorities) {
    X509_STORE_add_cert(store->authorities.get(), authority.get());
  }
  // As in the handshake: an authority in the file is trusted whoever signed it.
  X509_STORE_set_flags(store->authorities.get(), X509_V_FLAG_PARTIAL_CHAIN);
  store_ = std::move(store);
  good_.clear();
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<ClientCertificates>> ClientCertificates::Create(
    const std::string& path) {
  std::unique_ptr<ClientCertificates> made(new ClientCertificates(path));
  MutexLock lock(&made->mutex_);
  if (const absl::Status loaded = made->Load(); !loaded.ok()) {
    return absl::InvalidArgumentError(absl::StrCat("--tls-client-ca: ", loaded.message()));
  }
  return made;
}

void ClientCertificates::Follow() {
  if (StampOf(path_) == stamp_) return;
  const absl::Status loaded = Load();
  if (loaded.ok()) return;
  // As with tokens: a file that is gone ends everything, one that cannot be used may be half
  // written.
  const bool gone = absl::IsNotFound(loaded);
  if (gone) {
    store_ = std::make_unique<Store>();
    good_.clear();
  }
  LogError(gone ? "the file of client authorities is gone; no client certificate is accepted until "
                  "it is back"
                : "the file of client authorities has changed and cannot be used; the authorities "
                  "stay as they were",
           {{"error", loaded}});
}

absl::Status ClientCertificates::Check(const std::string& chain) {
  const std::string digest = Sha256Hex(chain);
  MutexLock lock(&mutex_);
  Follow();
  const auto known = good_.find(digest);
  if (known != good_.end() && absl::Now() < known->second) return absl::OkStatus();
  const std::vector<PemCertificate> certificates = CertificatesIn(chain);
  if (certificates.empty()) return Unauthenticated("the client certificate cannot be read");
  const std::unique_ptr<STACK_OF(X509), StackDeleter> others(sk_X509_new_null());
  absl::Time valid_until = absl::InfiniteFuture();
  for (const PemCertificate& certificate : certificates) {
    sk_X509_push(others.get(), certificate.get());
    valid_until = std::min(valid_until, EndOfValidity(*certificate));
  }
  const std::unique_ptr<X509_STORE_CTX, ContextDeleter> context(X509_STORE_CTX_new());
  X509_STORE_CTX_init(context.get(), store_->authorities.get(), certificates.front().get(),
                      others.get());
  const bool good = X509_verify_cert(context.get()) == 1;
  const int error = X509_STORE_CTX_get_error(context.get());
  ERR_clear_error();
  if (!good) {
    good_.erase(digest);
    return Unauthenticated(absl::StrCat("the client certificate is not accepted: ",
                                        X509_verify_cert_error_string(error)));
  }
  if (good_.size() >= kMostRemembered) good_.clear();
  good_[digest] = valid_until;
  return absl::OkStatus();
}

}  // namespace logexport
