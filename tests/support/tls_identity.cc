#include "tests/support/tls_identity.h"

#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

namespace logexport {
namespace {

template <auto kFree>
struct Freer {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};

bool IsIpAddress(const std::string& name) {
  in6_addr address{};
  return inet_pton(AF_INET, name.c_str(), &address) == 1 ||
         inet_pton(AF_INET6, name.c_str(), &address) == 1;
}

void AddExtension(X509* certificate, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

std::string Contents(BIO* memory) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory, &data);
  return std::string(data, static_cast<std::size_t>(size));
}

}  // namespace

TlsIdentity MakeTlsIdentity(const TlsIdentityOptions& options) {
  const std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>> key(EVP_EC_gen("P-256"));
  const std::unique_ptr<X509, Freer<X509_free>> certificate(X509_new());
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  ASN1_TIME_set(X509_getm_notBefore(certificate.get()), absl::ToTimeT(options.not_before));
  ASN1_TIME_set(X509_getm_notAfter(certificate.get()), absl::ToTimeT(options.not_after));
  X509_set_pubkey(certificate.get(), key.get());
  X509_NAME* const name = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("logexport test"), -1, -1, 0);
  X509_set_issuer_name(certificate.get(), name);
  std::vector<std::string> names;
  for (const std::string& each : options.names) {
    names.push_back(absl::StrCat(IsIpAddress(each) ? "IP:" : "DNS:", each));
  }
  AddExtension(certificate.get(), NID_subject_alt_name, absl::StrJoin(names, ","));
  AddExtension(certificate.get(), NID_basic_constraints, "critical,CA:TRUE");
  EXPECT_NE(X509_sign(certificate.get(), key.get(), EVP_sha256()), 0);

  TlsIdentity identity;
  const std::unique_ptr<BIO, Freer<BIO_free_all>> certificate_pem(BIO_new(BIO_s_mem()));
  const std::unique_ptr<BIO, Freer<BIO_free_all>> key_pem(BIO_new(BIO_s_mem()));
  EXPECT_EQ(PEM_write_bio_X509(certificate_pem.get(), certificate.get()), 1);
  EXPECT_EQ(
      PEM_write_bio_PrivateKey(key_pem.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr), 1);
  identity.certificate = Contents(certificate_pem.get());
  identity.key = Contents(key_pem.get());
  return identity;
}

}  // namespace logexport
