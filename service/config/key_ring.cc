#include "service/config/key_ring.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include <openssl/rand.h>

#include "service/base/spelling.h"

namespace logexport {
namespace {

constexpr std::size_t kLongestKeyId = 64;

bool IsKeyId(absl::string_view id) {
  return !id.empty() && id.size() <= kLongestKeyId && std::all_of(id.begin(), id.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_' || c == '.';
  });
}

}  // namespace

absl::StatusOr<KeyRing> KeyRing::Parse(absl::string_view text) {
  KeyRing ring;
  int number = 0;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    ++number;
    const auto refuse = [number](absl::string_view why) {
      return absl::InvalidArgumentError(absl::StrCat("line ", number, " ", why));
    };
    const std::vector<absl::string_view> words =
        absl::StrSplit(line, absl::ByAnyChar(" \t\r"), absl::SkipEmpty());
    if (words.empty() || absl::StartsWith(words[0], "#")) continue;
    if (words.size() == 3 && words[0] == "audit") continue;
    if (words.size() != 2) return refuse("is not a key; write ID BASE64");
    if (!IsKeyId(words[0])) {
      return refuse("has a key id with other characters than letters, digits, - _ and .");
    }
    if (ring.Find(words[0]) != nullptr) {
      return refuse(absl::StrCat("has the key id ", Quoted(words[0]), " of a line above"));
    }
    Key key;
    key.id = std::string(words[0]);
    if (!absl::Base64Unescape(words[1], &key.bytes) || key.bytes.size() != kSecretKeyBytes) {
      return refuse(absl::StrCat("has no key of ", kSecretKeyBytes,
                                 " bytes in base64; make one with: openssl rand -base64 ",
                                 kSecretKeyBytes));
    }
    ring.keys_.push_back(std::move(key));
  }
  if (ring.empty()) return absl::InvalidArgumentError("has no key; write a line ID BASE64");
  return ring;
}

const KeyRing::Key* KeyRing::Find(absl::string_view id) const {
  for (const Key& key : keys_) {
    if (key.id == id) return &key;
  }
  return nullptr;
}

absl::StatusOr<std::string> NewKeyFileText() {
  unsigned char bytes[kSecretKeyBytes + 4];
  if (RAND_bytes(bytes, sizeof(bytes)) != 1) {
    return absl::InternalError("OpenSSL has no random bytes");
  }
  const absl::string_view all(reinterpret_cast<const char*>(bytes), sizeof(bytes));
  return absl::StrCat("key-", absl::BytesToHexString(all.substr(kSecretKeyBytes)), " ",
                      absl::Base64Escape(all.substr(0, kSecretKeyBytes)), "\n");
}

}  // namespace logexport
