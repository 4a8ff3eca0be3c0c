#include "service/http/trusted_authorities.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include <openssl/err.h>
#include <openssl/x509.h>

namespace logexport {
namespace {

std::string LastOpensslError() {
  const char* reason = ERR_reason_error_string(ERR_peek_error());
  std::string text = reason != nullptr ? reason : "no certificate in it";
  ERR_clear_error();
  return text;
}

}  // namespace

absl::StatusOr<std::unique_ptr<TrustedAuthorities>> TrustedAuthorities::Load(
    const std::string& ca_file) {
  auto authorities = std::unique_ptr<TrustedAuthorities>(new TrustedAuthorities);
  authorities->store_.reset(X509_STORE_new());
  X509_STORE* const store = authorities->store_.get();
  if (store == nullptr) return absl::ResourceExhaustedError("out of memory");
  // As curl sets them: an intermediate authority may be named as trusted itself, and a trusted
  // chain is preferred to an expired one that the server sends.
  X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_TRUSTED_FIRST);
  ERR_clear_error();
  if (!ca_file.empty() && X509_STORE_load_locations(store, ca_file.c_str(), nullptr) != 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("could not read trusted authorities from ", ca_file, ": ", LastOpensslError(),
                     "; it must be a readable file of certificates in PEM form"));
  }
  return authorities;
}

void TrustedAuthorities::UseIn(SSL_CTX* context) {
  std::call_once(system_added_, [this] {
    X509_STORE_set_default_paths(store_.get());
    ERR_clear_error();
  });
  SSL_CTX_set1_cert_store(context, store_.get());
}

}  // namespace logexport
