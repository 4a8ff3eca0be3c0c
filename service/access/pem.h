#ifndef LOGEXPORT_SERVICE_ACCESS_PEM_H_
#define LOGEXPORT_SERVICE_ACCESS_PEM_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include <openssl/evp.h>
#include <openssl/x509.h>

namespace logexport {

struct CertificateDeleter {
  void operator()(X509* certificate) const { X509_free(certificate); }
};
using PemCertificate = std::unique_ptr<X509, CertificateDeleter>;

struct KeyDeleter {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using PemKey = std::unique_ptr<EVP_PKEY, KeyDeleter>;

// The certificates of a text in PEM form, in order, up to the first that cannot be read.
std::vector<PemCertificate> CertificatesIn(const std::string& pem);

// The private key of a text in PEM form; null when there is none, or one with a password.
PemKey KeyIn(const std::string& pem);

// When the certificate expires.
absl::Time EndOfValidity(const X509& certificate);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_ACCESS_PEM_H_
