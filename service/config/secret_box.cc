#include "service/config/secret_box.h"

#include <cstddef>
#include <memory>

#include "absl/strings/str_cat.h"
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include "service/base/spelling.h"
#include "service/base/status_macros.h"

namespace logexport {
namespace {

constexpr char kFormat = 1;
constexpr std::size_t kInfoBytes = 32;
constexpr std::size_t kNonceBytes = 12;
constexpr std::size_t kTagBytes = 16;
constexpr absl::string_view kPurpose = "logexport secret v1";

struct FreeKdf {
  void operator()(EVP_KDF* kdf) const { EVP_KDF_free(kdf); }
};
struct FreeKdfContext {
  void operator()(EVP_KDF_CTX* context) const { EVP_KDF_CTX_free(context); }
};
struct FreeCipherContext {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, FreeCipherContext>;

absl::Status Failed() { return absl::InternalError("OpenSSL failed to encrypt or decrypt"); }
absl::Status Damaged() {
  return absl::DataLossError(
      "the stored secret was changed, cut or moved, or the key of that id is another one; send the "
      "secret again with UpdateConfig");
}

unsigned char* Bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }
const unsigned char* Bytes(absl::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

absl::StatusOr<std::string> RandomBytes(std::size_t count) {
  std::string bytes(count, '\0');
  if (RAND_bytes(Bytes(bytes), static_cast<int>(count)) != 1) return Failed();
  return bytes;
}

absl::StatusOr<std::string> DeriveKey(absl::string_view key, absl::string_view random) {
  const std::unique_ptr<EVP_KDF, FreeKdf> kdf(EVP_KDF_fetch(nullptr, "HKDF", nullptr));
  if (kdf == nullptr) return Failed();
  const std::unique_ptr<EVP_KDF_CTX, FreeKdfContext> context(EVP_KDF_CTX_new(kdf.get()));
  if (context == nullptr) return Failed();
  std::string secret(key);
  std::string info = absl::StrCat(kPurpose, random);
  char digest[] = "SHA256";
  int mode = EVP_KDF_HKDF_MODE_EXPAND_ONLY;
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &mode),
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, secret.data(), secret.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info.data(), info.size()),
      OSSL_PARAM_construct_end()};
  std::string derived(kSecretKeyBytes, '\0');
  if (EVP_KDF_derive(context.get(), Bytes(derived), derived.size(), parameters) != 1) {
    return Failed();
  }
  return derived;
}

}  // namespace

absl::StatusOr<std::string> SealSecret(const KeyRing& ring, absl::string_view context,
                                       absl::string_view secret) {
  if (ring.empty()) return absl::FailedPreconditionError("there is no key to encrypt secrets with");
  const KeyRing::Key& key = ring.primary();
  ASSIGN_OR_RETURN(const std::string random, RandomBytes(kInfoBytes));
  ASSIGN_OR_RETURN(const std::string nonce, RandomBytes(kNonceBytes));
  ASSIGN_OR_RETURN(const std::string derived, DeriveKey(key.bytes, random));
  const CipherContext cipher(EVP_CIPHER_CTX_new());
  std::string text(secret.size(), '\0');
  std::string tag(kTagBytes, '\0');
  int length = 0;
  if (cipher == nullptr ||
      EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr,
                         Bytes(absl::string_view(derived)), Bytes(absl::string_view(nonce))) != 1 ||
      EVP_EncryptUpdate(cipher.get(), nullptr, &length, Bytes(context),
                        static_cast<int>(context.size())) != 1 ||
      EVP_EncryptUpdate(cipher.get(), Bytes(text), &length, Bytes(secret),
                        static_cast<int>(secret.size())) != 1 ||
      EVP_EncryptFinal_ex(cipher.get(), Bytes(text) + length, &length) != 1 ||
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes, tag.data()) != 1) {
    return Failed();
  }
  return absl::StrCat(absl::string_view(&kFormat, 1),
                      std::string(1, static_cast<char>(key.id.size())), key.id, random, nonce, text,
                      tag);
}

absl::StatusOr<std::string> OpenSecret(const KeyRing& ring, absl::string_view context,
                                       absl::string_view box) {
  if (box.size() < 2 || box[0] != kFormat) return Damaged();
  const auto id_size = static_cast<std::size_t>(static_cast<unsigned char>(box[1]));
  box.remove_prefix(2);
  if (box.size() < id_size + kInfoBytes + kNonceBytes + kTagBytes) return Damaged();
  const absl::string_view id = box.substr(0, id_size);
  const KeyRing::Key* key = ring.Find(id);
  if (key == nullptr) {
    return absl::FailedPreconditionError(
        absl::StrCat("is encrypted with the key ", Quoted(id), ", which is not in the key file"));
  }
  box.remove_prefix(id_size);
  const absl::string_view random = box.substr(0, kInfoBytes);
  const absl::string_view nonce = box.substr(kInfoBytes, kNonceBytes);
  box.remove_prefix(kInfoBytes + kNonceBytes);
  const absl::string_view text = box.substr(0, box.size() - kTagBytes);
  std::string tag(box.substr(text.size()));
  ASSIGN_OR_RETURN(const std::string derived, DeriveKey(key->bytes, random));
  const CipherContext cipher(EVP_CIPHER_CTX_new());
  std::string secret(text.size(), '\0');
  int length = 0;
  if (cipher == nullptr ||
      EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr,
                         Bytes(absl::string_view(derived)), Bytes(nonce)) != 1 ||
      EVP_DecryptUpdate(cipher.get(), nullptr, &length, Bytes(context),
                        static_cast<int>(context.size())) != 1 ||
      EVP_DecryptUpdate(cipher.get(), Bytes(secret), &length, Bytes(text),
                        static_cast<int>(text.size())) != 1 ||
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes, tag.data()) != 1) {
    return Failed();
  }
  if (EVP_DecryptFinal_ex(cipher.get(), Bytes(secret) + length, &length) != 1) return Damaged();
  return secret;
}

}  // namespace logexport
