#include "service/access/pem.h"

#include <ctime>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>

namespace logexport {
namespace {

struct BioDeleter {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
using Bio = std::unique_ptr<BIO, BioDeleter>;

Bio Over(const std::string& text) {
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

// Without it OpenSSL asks at the terminal for the password of a key.
int NoPassword(char*, int, int, void*) { return -1; }

}  // namespace

std::vector<PemCertificate> CertificatesIn(const std::string& pem) {
  std::vector<PemCertificate> certificates;
  const Bio bio = Over(pem);
  for (;;) {
    PemCertificate certificate(PEM_read_bio_X509(bio.get(), nullptr, NoPassword, nullptr));
    ERR_clear_error();
    if (certificate == nullptr) return certificates;
    certificates.push_back(std::move(certificate));
  }
}

PemKey KeyIn(const std::string& pem) {
  PemKey key(PEM_read_bio_PrivateKey(Over(pem).get(), nullptr, NoPassword, nullptr));
  ERR_clear_error();
  return key;
}

absl::Time EndOfValidity(const X509& certificate) {
  std::tm end{};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(&certificate), &end) != 1) return absl::InfiniteFuture();
  return absl::FromTM(end, absl::UTCTimeZone());
}

}  // namespace logexport
