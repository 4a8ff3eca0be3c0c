#include "service/access/tls_files.h"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include <openssl/err.h>
#include <openssl/x509.h>

#include "service/access/pem.h"
#include "service/base/status_macros.h"

namespace logexport {
namespace {

absl::StatusOr<std::string> ReadFile(absl::string_view flag, const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream content;
  content << file.rdbuf();
  if (!file || content.str().empty()) {
    return absl::InvalidArgumentError(absl::StrCat(flag, ": cannot read ", path));
  }
  return std::move(content).str();
}

}  // namespace

TlsFiles::StampArray TlsFiles::Stamps() const {
  return {StampOf(paths_[0]), StampOf(paths_[1]), StampOf(paths_[2])};
}

absl::StatusOr<TlsMaterial> TlsFiles::Read() {
  // Before the files, so that a change while they are read is seen as one.
  stamps_ = Stamps();
  TlsMaterial material;
  ASSIGN_OR_RETURN(material.certificate_chain, ReadFile("--tls-cert", paths_[0]));
  ASSIGN_OR_RETURN(material.private_key, ReadFile("--tls-key", paths_[1]));
  // The first certificate of a chain is the holder's own.
  const std::vector<PemCertificate> chain = CertificatesIn(material.certificate_chain);
  if (chain.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("--tls-cert: ", paths_[0], " does not begin with a certificate in PEM form"));
  }
  const PemKey key = KeyIn(material.private_key);
  if (key == nullptr) {
    return absl::InvalidArgumentError(
        absl::StrCat("--tls-key: ", paths_[1],
                     " holds no private key in PEM form, or one with a password; "
                     "`openssl pkey -in OLD -out NEW` takes a password off"));
  }
  if (X509_check_private_key(chain.front().get(), key.get()) != 1) {
    ERR_clear_error();
    return absl::InvalidArgumentError(absl::StrCat(
        "--tls-key: ", paths_[1], " is not the key of the certificate in ", paths_[0]));
  }
  material.valid_until = EndOfValidity(*chain.front());
  if (!paths_[2].empty()) {
    ASSIGN_OR_RETURN(material.client_ca, ReadFile("--tls-client-ca", paths_[2]));
    const std::vector<PemCertificate> authorities = CertificatesIn(material.client_ca);
    if (authorities.empty()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "--tls-client-ca: ", paths_[2], " does not begin with a certificate in PEM form"));
    }
    for (const PemCertificate& authority : authorities) {
      material.client_ca_valid_until =
          std::min(material.client_ca_valid_until, EndOfValidity(*authority));
    }
  }
  return material;
}

}  // namespace logexport
