#include "service/segment/privacy/privacy_preset.h"

#include <array>
#include <cstddef>
#include <cstdint>

#include "absl/strings/ascii.h"

namespace logexport {
namespace {

// A few keys among the many that are looked up.
template <std::size_t kSize>
class KeySet {
 public:
  // `keys`: as Normalized writes them, sorted.
  constexpr explicit KeySet(const std::array<absl::string_view, kSize>& keys) : keys_(keys) {
    for (std::size_t i = 0; i < kSize; ++i) {
      const auto first = static_cast<unsigned char>(keys_[i][0]);
      if (lengths_[first] == 0) begins_[first] = i;
      lengths_[first] |= std::uint32_t{1} << keys_[i].size();
    }
  }

  // The lengths of those that begin with this byte, one bit each.
  constexpr std::uint32_t lengths(std::size_t first) const { return lengths_[first]; }

  constexpr bool contains(absl::string_view key) const {
    if (key.empty()) return false;
    // Most keys differ from all in length or first letter.
    const auto first = static_cast<unsigned char>(key[0]);
    if ((lengths_[first] >> key.size() & 1) == 0) return false;
    for (std::size_t i = begins_[first]; i < kSize && keys_[i][0] == key[0]; ++i) {
      if (keys_[i] == key) return true;
    }
    return false;
  }

 private:
  std::array<absl::string_view, kSize> keys_;
  std::array<std::size_t, 256> begins_{};     // where those are that begin with a byte
  std::array<std::uint32_t, 256> lengths_{};  // by the first byte, of the keys that begin with it
};

constexpr KeySet kPersonalKeys(std::to_array<absl::string_view>({
    "address",
    "avatar",
    "birthdate",
    "birthday",
    "clientip",
    "displayname",
    "email",
    "emailaddress",
    "emails",
    "familyname",
    "firstname",
    "fullname",
    "givenname",
    "identity",
    "identityuserid",
    "ip",
    "ipaddress",
    "lastip",
    "lastname",
    "login",
    "mail",
    "middlename",
    "mobile",
    "mobilephone",
    "newemail",
    "newphonenumber",
    "newusername",
    "nickname",
    "oldemail",
    "oldphonenumber",
    "oldusername",
    "phone",
    "phonenumber",
    "picture",
    "preferredusername",
    "recipient",
    "remoteip",
    "streetaddress",
    "sub",
    "userid",
    "username",
    "xforwardedfor",
}));

constexpr KeySet kCredentialKeys(std::to_array<absl::string_view>({
    "accesstoken",     "apikey",       "assertion",    "authorization",    "bindingcode",
    "clientassertion", "clientsecret", "codeverifier", "cookie",           "currentpassword",
    "idtoken",         "idtokenhint",  "link",         "mfatoken",         "newpassword",
    "oldpassword",     "oobcode",      "otp",          "passwd",           "password",
    "passwordhash",    "privatekey",   "recoverycode", "refreshtoken",     "reseturl",
    "samlassertion",   "samlrequest",  "samlresponse", "secret",           "setcookie",
    "signingkey",      "ticket",       "token",        "verificationcode", "verificationurl",
}));

// Where a `name` is that of a person: the profile, and users and bodies of requests in details.
constexpr KeySet kPersons(std::to_array<absl::string_view>({"body", "profile", "profiledata",
                                                            "user"}));
// Where a `code` stands for an authorization, not for an error.
constexpr KeySet kGrants(std::to_array<absl::string_view>({"body", "details", "qs", "query"}));

// Keys that are personal or credentials in some places only.
constexpr KeySet kDependOnPlace(std::to_array<absl::string_view>({"code", "name", "to"}));

constexpr bool IsSeparator(char c) { return c == '_' || c == '-' || c == ' '; }
constexpr std::array<std::uint8_t, 256> kSeparators = [] {
  std::array<std::uint8_t, 256> counts{};
  for (std::size_t c = 0; c < counts.size(); ++c) {
    counts[c] = IsSeparator(static_cast<char>(c)) ? 1 : 0;
  }
  return counts;
}();

constexpr std::array<std::uint32_t, 256> kLengths = [] {
  std::array<std::uint32_t, 256> lengths{};
  for (std::size_t c = 0; c < lengths.size(); ++c) {
    lengths[c] = kPersonalKeys.lengths(c) | kCredentialKeys.lengths(c) | kDependOnPlace.lengths(c);
  }
  return lengths;
}();

// False for keys that are in none of the sets, which nearly all are.
bool MayMatter(absl::string_view key) {
  while (!key.empty() && IsSeparator(key.front())) key.remove_prefix(1);
  if (key.empty()) return false;
  const auto first = static_cast<unsigned char>(key.front());
  const std::uint32_t lengths = kLengths[static_cast<unsigned char>(absl::ascii_tolower(first))];
  if (lengths == 0) return false;
  std::size_t size = key.size();
  for (const char c : key) size -= kSeparators[static_cast<unsigned char>(c)];
  return size < 32 && (lengths >> size & 1) != 0;
}

// A key in lower case without underscores, dashes and spaces; empty if it is longer than any key
// that matters here.
class Normalized {
 public:
  explicit Normalized(absl::string_view key) {
    for (const char c : key) {
      if (kSeparators[static_cast<unsigned char>(c)] != 0) continue;
      if (size_ == text_.size()) {
        size_ = 0;
        return;
      }
      text_[size_++] = absl::ascii_tolower(static_cast<unsigned char>(c));
    }
  }

  absl::string_view text() const { return {text_.data(), size_}; }

 private:
  std::array<char, 24> text_;
  std::size_t size_ = 0;
};

Normalized Parent(absl::Span<const absl::string_view> path) {
  return Normalized(path.size() < 2 ? absl::string_view() : path[path.size() - 2]);
}

// `key`: the last of `path`.
bool IsPersonalKey(absl::string_view key, absl::Span<const absl::string_view> path) {
  if (key == "name") return kPersons.contains(Parent(path).text());
  if (key == "to") return Parent(path).text() == "details";  // the recipients of an e-mail
  return kPersonalKeys.contains(key);
}

bool IsCredentialKey(absl::string_view key, absl::Span<const absl::string_view> path) {
  if (key == "code") return kGrants.contains(Parent(path).text());
  return kCredentialKeys.contains(key);
}

}  // namespace

bool IsPersonal(absl::Span<const absl::string_view> path) {
  return !path.empty() && IsPersonalKey(Normalized(path.back()).text(), path);
}

bool IsCredential(absl::Span<const absl::string_view> path) {
  return !path.empty() && IsCredentialKey(Normalized(path.back()).text(), path);
}

std::optional<PrivacyAction> StandardAction(absl::Span<const absl::string_view> path,
                                            bool is_container) {
  if (path.empty() || !MayMatter(path.back())) return std::nullopt;
  const Normalized normalized(path.back());
  const absl::string_view key = normalized.text();
  if (is_container) {
    // Others of these keys name settings where they hold an object: `refresh_token` of a client,
    // `email` of a connection.
    if (key == "address") return PrivacyAction::kHash;
    return std::nullopt;
  }
  if (IsCredentialKey(key, path)) return PrivacyAction::kDrop;
  if (IsPersonalKey(key, path)) return PrivacyAction::kHash;
  return std::nullopt;
}

}  // namespace logexport
