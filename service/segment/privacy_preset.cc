#include "service/segment/privacy_preset.h"

#include <algorithm>
#include <array>

#include "absl/strings/ascii.h"

namespace logexport {
namespace {

// Keys as Normalized writes them, sorted.
constexpr auto kPersonalKeys = std::to_array<absl::string_view>({
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
});

constexpr auto kCredentialKeys = std::to_array<absl::string_view>({
    "accesstoken",     "apikey",       "assertion",    "authorization",    "bindingcode",
    "clientassertion", "clientsecret", "codeverifier", "cookie",           "currentpassword",
    "idtoken",         "idtokenhint",  "link",         "mfatoken",         "newpassword",
    "oldpassword",     "oobcode",      "otp",          "passwd",           "password",
    "passwordhash",    "privatekey",   "recoverycode", "refreshtoken",     "reseturl",
    "samlassertion",   "samlrequest",  "samlresponse", "secret",           "setcookie",
    "signingkey",      "ticket",       "token",        "verificationcode", "verificationurl",
});

// Where a `name` is that of a person: the profile, and users and bodies of requests in details.
constexpr auto kPersons =
    std::to_array<absl::string_view>({"body", "profile", "profiledata", "user"});
// Where a `code` stands for an authorization, not for an error.
constexpr auto kGrants = std::to_array<absl::string_view>({"body", "details", "qs", "query"});

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

template <std::size_t kSize>
bool Contains(const std::array<absl::string_view, kSize>& sorted, absl::string_view key) {
  return std::binary_search(sorted.begin(), sorted.end(), key);
}

Normalized Parent(absl::Span<const absl::string_view> path) {
  return Normalized(path.size() < 2 ? absl::string_view() : path[path.size() - 2]);
}

}  // namespace

bool IsPersonal(absl::Span<const absl::string_view> path) {
  if (path.empty()) return false;
  const Normalized key(path.back());
  if (key.text() == "name") return Contains(kPersons, Parent(path).text());
  if (key.text() == "to") return Parent(path).text() == "details";  // the recipients of an e-mail
  return Contains(kPersonalKeys, key.text());
}

bool IsCredential(absl::Span<const absl::string_view> path) {
  if (path.empty()) return false;
  const Normalized key(path.back());
  if (key.text() == "code") return Contains(kGrants, Parent(path).text());
  return Contains(kCredentialKeys, key.text());
}

std::optional<PrivacyAction> StandardAction(absl::Span<const absl::string_view> path,
                                            bool is_container) {
  if (path.empty()) return std::nullopt;
  if (is_container) {
    // Others of these keys name settings where they hold an object: `refresh_token` of a client,
    // `email` of a connection.
    if (Normalized(path.back()).text() == "address") return PrivacyAction::kHash;
    return std::nullopt;
  }
  if (IsCredential(path)) return PrivacyAction::kDrop;
  if (IsPersonal(path)) return PrivacyAction::kHash;
  return std::nullopt;
}

}  // namespace logexport
