#include "service/access/tls_files.h"

#include <ctime>
#include <fstream>
#include <memory>
#include <sstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "service/base/status_macros.h"

namespace logexport {
namespace {

template <auto kFree>
struct Freer {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};
using Certificate = std::unique_ptr<X509, Freer<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;
using Bio = std::unique_ptr<BIO, Freer<BIO_free>>;

absl::StatusOr<std::string> ReadFile(absl::string_view flag, const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream content;
  content << file.rdbuf();
  if (!file || content.str().empty()) {
    return absl::InvalidArgumentError(absl::StrCat(flag, ": cannot read ", path));
  }
  return std::move(content).str();
}

Bio Over(const std::string& text) {
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

// Without it OpenSSL asks at the terminal for the password of a key.
int NoPassword(char*, int, int, void*) { return -1; }

// The first certificate of `pem`, which is the holder's own in a chain.
Certificate FirstCertificate(const std::string& pem) {
  Certificate certificate(PEM_read_bio_X509(Over(pem).get(), nullptr, NoPassword, nullptr));
  ERR_clear_error();
  return certificate;
}

Key ParseKey(const std::string& pem) {
  Key key(PEM_read_bio_PrivateKey(Over(pem).get(), nullptr, NoPassword, nullptr));
  ERR_clear_error();
  return key;
}

absl::Time EndOf(const X509* certificate) {
  std::tm end{};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &end) != 1) return absl::InfiniteFuture();
  return absl::FromTM(end, absl::UTCTimeZone());
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
  const Certificate certificate = FirstCertificate(material.certificate_chain);
  if (certificate == nullptr) {
    return absl::InvalidArgumentError(
        absl::StrCat("--tls-cert: ", paths_[0], " does not begin with a certificate in PEM form"));
  }
  const Key key = ParseKey(material.private_key);
  if (key == nullptr) {
    return absl::InvalidArgumentError(
        absl::StrCat("--tls-key: ", paths_[1],
                     " holds no private key in PEM form, or one with a password; "
                     "`openssl pkey -in OLD -out NEW` takes a password off"));
  }
  if (X509_check_private_key(certificate.get(), key.get()) != 1) {
    ERR_clear_error();
    return absl::InvalidArgumentError(absl::StrCat(
        "--tls-key: ", paths_[1], " is not the key of the certificate in ", paths_[0]));
  }
  material.valid_until = EndOf(certificate.get());
  if (!paths_[2].empty()) {
    ASSIGN_OR_RETURN(material.client_ca, ReadFile("--tls-client-ca", paths_[2]));
    if (FirstCertificate(material.client_ca) == nullptr) {
      return absl::InvalidArgumentError(absl::StrCat(
          "--tls-client-ca: ", paths_[2], " does not begin with a certificate in PEM form"));
    }
  }
  return material;
}

}  // namespace logexport
