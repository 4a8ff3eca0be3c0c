#include "service/config/key_ring.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include <openssl/rand.h>

#include "service/base/hash.h"
#include "service/base/spelling.h"

namespace logexport {
namespace {

constexpr std::size_t kLongestKeyId = 64;
constexpr absl::string_view kDerived = "derived:";

bool IsKeyId(absl::string_view id) {
  return !id.empty() && id.size() <= kLongestKeyId && std::all_of(id.begin(), id.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_' || c == '.';
  });
}

const KeyRing::Key* FindIn(const std::vector<KeyRing::Key>& keys, absl::string_view id) {
  for (const KeyRing::Key& key : keys) {
    if (key.id == id) return &key;
  }
  return nullptr;
}

// Of no use for secrets, and as secret as the key it comes from.
KeyRing::Key DerivedAuditKey(const KeyRing::Key& key) {
  return {absl::StrCat(kDerived, key.id), HmacSha256(key.bytes).Hex("logexport audit v1")};
}

// A line with a new random key, whose id begins with `start`.
absl::StatusOr<std::string> NewLine(absl::string_view start) {
  unsigned char bytes[kSecretKeyBytes + 4];
  if (RAND_bytes(bytes, sizeof(bytes)) != 1) {
    return absl::InternalError("OpenSSL has no random bytes");
  }
  const absl::string_view all(reinterpret_cast<const char*>(bytes), sizeof(bytes));
  return absl::StrCat(start, absl::BytesToHexString(all.substr(kSecretKeyBytes)), " ",
                      absl::Base64Escape(all.substr(0, kSecretKeyBytes)), "\n");
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
    std::vector<absl::string_view> words =
        absl::StrSplit(line, absl::ByAnyChar(" \t\r"), absl::SkipEmpty());
    if (words.empty() || absl::StartsWith(words[0], "#")) continue;
    const bool audit = words.size() == 3 && words[0] == "audit";
    if (audit) words.erase(words.begin());
    if (words.size() != 2) return refuse("is not a key; write ID BASE64, or audit ID BASE64");
    if (!IsKeyId(words[0])) {
      return refuse("has a key id with other characters than letters, digits, - _ and .");
    }
    std::vector<Key>& keys = audit ? ring.audit_keys_ : ring.keys_;
    if (FindIn(keys, words[0]) != nullptr) {
      return refuse(absl::StrCat("has the key id ", Quoted(words[0]), " of a line above"));
    }
    Key key;
    key.id = std::string(words[0]);
    if (!absl::Base64Unescape(words[1], &key.bytes) || key.bytes.size() != kSecretKeyBytes) {
      return refuse(absl::StrCat("has no key of ", kSecretKeyBytes,
                                 " bytes in base64; make one with: openssl rand -base64 ",
                                 kSecretKeyBytes));
    }
    keys.push_back(std::move(key));
  }
  if (ring.empty()) return absl::InvalidArgumentError("has no key; write a line ID BASE64");
  return ring;
}

const KeyRing::Key* KeyRing::Find(absl::string_view id) const { return FindIn(keys_, id); }

KeyRing::Key KeyRing::AuditKey() const {
  return has_audit_key() ? audit_keys_.front() : DerivedAuditKey(primary());
}

std::optional<KeyRing::Key> KeyRing::FindAuditKey(absl::string_view id) const {
  if (absl::ConsumePrefix(&id, kDerived)) {
    const Key* const key = Find(id);
    return key == nullptr ? std::nullopt : std::optional<Key>(DerivedAuditKey(*key));
  }
  const Key* const key = FindIn(audit_keys_, id);
  return key == nullptr ? std::nullopt : std::optional<Key>(*key);
}

absl::StatusOr<std::string> NewKeyLine() { return NewLine("key-"); }

absl::StatusOr<std::string> NewAuditKeyLine() { return NewLine("audit log-"); }

}  // namespace logexport
