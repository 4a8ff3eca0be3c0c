#include "service/segment/privacy/privacy_preset.h"

#include <algorithm>
#include <array>
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
    for (const absl::string_view key : keys_) {
      lengths_[static_cast<unsigned char>(key[0])] |= std::uint32_t{1} << key.size();
    }
  }

  constexpr bool contains(absl::string_view key) const {
    if (key.empty()) return false;
    // Most keys differ from all in length or first letter.
    if ((lengths_[static_cast<unsigned char>(key[0])] >> key.size() & 1) == 0) return false;
    return std::binary_search(keys_.begin(), keys_.end(), key);
  }

 private:
  std::array<absl::string_view, kSize> keys_;
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

// A key in lower case without underscores, dashes and spaces; empty if it is longer than any key
// that matters here.
class Normalized {
 public:
  explicit Normalized(absl::string_view key) {
    for (const char c : key) {
      if (c == '_' || c == '-' || c == ' ') continue;
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
  if (path.empty()) return std::nullopt;
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
