#include "service/base/hash.h"

#include <algorithm>
#include <array>
#include <new>

#include "absl/strings/escaping.h"
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/sha.h>

namespace logexport {
namespace {

using Digest = std::array<unsigned char, SHA256_DIGEST_LENGTH>;

const unsigned char* Bytes(absl::string_view data) {
  return reinterpret_cast<const unsigned char*>(data.data());
}

std::string Hex(const Digest& digest) {
  return absl::BytesToHexString(
      absl::string_view(reinterpret_cast<const char*>(digest.data()), digest.size()));
}

// The calls of OpenSSL used here fail only for want of memory.
void Require(int success) {
  if (success != 1) throw std::bad_alloc();
}

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

class Context {
 public:
  Context() : context_(EVP_MD_CTX_new()) { Require(context_ != nullptr ? 1 : 0); }
  EVP_MD_CTX* get() const { return context_.get(); }

 private:
  std::unique_ptr<EVP_MD_CTX, FreeContext> context_;
};

}  // namespace

std::string Sha256Hex(absl::string_view data) {
  Digest digest{};
  SHA256(Bytes(data), data.size(), digest.data());
  return Hex(digest);
}

// RFC 2104: H(key ^ opad, H(key ^ ipad, data)). The two hashes are kept as they are after the first
// block, which only the key decides.
struct HmacSha256::State {
  Context inner;
  Context outer;
  Context running;
};

HmacSha256::HmacSha256(absl::string_view key) : state_(std::make_unique<State>()) {
  std::array<unsigned char, SHA256_CBLOCK> block{};
  if (key.size() > block.size()) {
    SHA256(Bytes(key), key.size(), block.data());
  } else {
    std::copy(key.begin(), key.end(), block.begin());
  }
  const auto begin = [&block](unsigned char pad, const Context& context) {
    std::array<unsigned char, SHA256_CBLOCK> padded;
    std::transform(block.begin(), block.end(), padded.begin(),
                   [pad](unsigned char byte) { return byte ^ pad; });
    Require(EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr));
    Require(EVP_DigestUpdate(context.get(), padded.data(), padded.size()));
    OPENSSL_cleanse(padded.data(), padded.size());
  };
  begin(0x36, state_->inner);
  begin(0x5c, state_->outer);
  OPENSSL_cleanse(block.data(), block.size());
}

HmacSha256::~HmacSha256() = default;

std::string HmacSha256::Hex(absl::string_view data) {
  Digest digest{};
  EVP_MD_CTX* const running = state_->running.get();
  Require(EVP_MD_CTX_copy_ex(running, state_->inner.get()));
  Require(EVP_DigestUpdate(running, data.data(), data.size()));
  Require(EVP_DigestFinal_ex(running, digest.data(), nullptr));
  Require(EVP_MD_CTX_copy_ex(running, state_->outer.get()));
  Require(EVP_DigestUpdate(running, digest.data(), digest.size()));
  Require(EVP_DigestFinal_ex(running, digest.data(), nullptr));
  return logexport::Hex(digest);
}

bool EqualInConstantTime(absl::string_view a, absl::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace logexport
