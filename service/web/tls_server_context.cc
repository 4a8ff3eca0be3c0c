#include "service/web/tls_server_context.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "service/access/pem.h"

namespace logexport {
namespace {

absl::Status Refused(absl::string_view what) {
  char reason[256] = "";
  ERR_error_string_n(ERR_get_error(), reason, sizeof(reason));
  ERR_clear_error();
  return absl::InvalidArgumentError(absl::StrCat(what, ": ", reason));
}

struct BioDeleter {
  void operator()(BIO* bio) const { BIO_free(bio); }
};

std::string ToPem(X509* certificate) {
  const std::unique_ptr<BIO, BioDeleter> bio(BIO_new(BIO_s_mem()));
  if (bio == nullptr || PEM_write_bio_X509(bio.get(), certificate) != 1) return "";
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return std::string(data, static_cast<std::size_t>(size));
}

std::string TextOf(const ASN1_STRING* text) {
  return std::string(reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
                     static_cast<std::size_t>(ASN1_STRING_length(text)));
}

std::string AddressOf(const ASN1_STRING* bytes) {
  char text[INET6_ADDRSTRLEN] = "";
  const int family = ASN1_STRING_length(bytes) == 4 ? AF_INET : AF_INET6;
  inet_ntop(family, ASN1_STRING_get0_data(bytes), text, sizeof(text));
  return text;
}

struct NamesDeleter {
  void operator()(GENERAL_NAMES* names) const { GENERAL_NAMES_free(names); }
};

std::string NameOf(X509* certificate) {
  const std::unique_ptr<GENERAL_NAMES, NamesDeleter> names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; names != nullptr && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* const name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type == GEN_DNS || name->type == GEN_EMAIL || name->type == GEN_URI) {
      return TextOf(name->d.ia5);
    }
    if (name->type == GEN_IPADD) return AddressOf(name->d.iPAddress);
  }
  X509_NAME* const subject = X509_get_subject_name(certificate);
  const int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  if (at < 0) return "";
  unsigned char* utf8 = nullptr;
  const int size =
      ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
  if (size < 0) return "";
  std::string name(reinterpret_cast<const char*>(utf8), static_cast<std::size_t>(size));
  OPENSSL_free(utf8);
  return name;
}

// Chooses HTTP/1.1 where the client lets the server choose.
int ChooseProtocol(SSL*, const unsigned char** chosen, unsigned char* chosen_size,
                   const unsigned char* offered, unsigned int offered_size, void*) {
  static constexpr unsigned char kHttp11[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  unsigned char* found = nullptr;
  if (SSL_select_next_proto(&found, chosen_size, kHttp11, sizeof(kHttp11), offered, offered_size) !=
      OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_NOACK;
  }
  *chosen = found;
  return SSL_TLSEXT_ERR_OK;
}

}  // namespace

absl::StatusOr<SslContext> MakeServerContext(const TlsMaterial& material) {
  SslContext made(SSL_CTX_new(TLS_server_method()));
  if (made == nullptr) return Refused("TLS cannot be set up");
  SSL_CTX* const context = made.get();
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  // A resumed session would show no chain of the client's certificate to check again.
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                   SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_num_tickets(context, 0);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_alpn_select_cb(context, ChooseProtocol, nullptr);

  std::vector<PemCertificate> chain = CertificatesIn(material.certificate_chain);
  const PemKey key = KeyIn(material.private_key);
  if (chain.empty() || SSL_CTX_use_certificate(context, chain.front().get()) != 1) {
    return Refused("--tls-cert cannot be used");
  }
  for (std::size_t i = 1; i < chain.size(); ++i) {
    if (SSL_CTX_add1_chain_cert(context, chain[i].get()) != 1) {
      return Refused("--tls-cert cannot be used");
    }
  }
  if (SSL_CTX_use_PrivateKey(context, key.get()) != 1) return Refused("--tls-key cannot be used");
  if (!material.client_ca.empty()) {
    X509_STORE* const trusted = SSL_CTX_get_cert_store(context);
    for (const PemCertificate& authority : CertificatesIn(material.client_ca)) {
      if (X509_STORE_add_cert(trusted, authority.get()) != 1 ||
          SSL_CTX_add_client_CA(context, authority.get()) != 1) {
        return Refused("--tls-client-ca cannot be used");
      }
    }
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  }
  return made;
}

std::optional<ClientCertificate> VerifiedCertificate(SSL* connection) {
  const PemCertificate own(SSL_get1_peer_certificate(connection));
  if (own == nullptr || SSL_get_verify_result(connection) != X509_V_OK) return std::nullopt;
  ClientCertificate certificate{NameOf(own.get()), ToPem(own.get())};
  // On the server's side it does not hold the client's own.
  STACK_OF(X509)* const others = SSL_get_peer_cert_chain(connection);
  for (int i = 0; others != nullptr && i < sk_X509_num(others); ++i) {
    certificate.chain += ToPem(sk_X509_value(others, i));
  }
  return certificate;
}

}  // namespace logexport
