#include "service/segment/privacy_preset.h"

#include <algorithm>
#include <array>
#include <string>

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

std::string Normalized(absl::string_view key) {
  std::string normalized;
  for (const char c : key) {
    if (c != '_' && c != '-' && c != ' ') {
      normalized.push_back(absl::ascii_tolower(static_cast<unsigned char>(c)));
    }
  }
  return normalized;
}

template <std::size_t kSize>
bool Contains(const std::array<absl::string_view, kSize>& sorted, absl::string_view key) {
  return std::binary_search(sorted.begin(), sorted.end(), key);
}

std::string Parent(absl::Span<const absl::string_view> path) {
  return path.size() < 2 ? "" : Normalized(path[path.size() - 2]);
}

}  // namespace

bool IsPersonal(absl::Span<const absl::string_view> path) {
  if (path.empty()) return false;
  const std::string key = Normalized(path.back());
  if (key == "name") return Contains(kPersons, Parent(path));
  if (key == "to") return Parent(path) == "details";  // the recipients of an e-mail
  return Contains(kPersonalKeys, key);
}

bool IsCredential(absl::Span<const absl::string_view> path) {
  if (path.empty()) return false;
  const std::string key = Normalized(path.back());
  if (key == "code") return Contains(kGrants, Parent(path));
  return Contains(kCredentialKeys, key);
}

std::optional<PrivacyAction> StandardAction(absl::Span<const absl::string_view> path,
                                            bool is_container) {
  if (path.empty()) return std::nullopt;
  if (is_container) {
    // Others of these keys name settings where they hold an object: `refresh_token` of a client,
    // `email` of a connection.
    if (Normalized(path.back()) == "address") return PrivacyAction::kHash;
    return std::nullopt;
  }
  if (IsCredential(path)) return PrivacyAction::kDrop;
  if (IsPersonal(path)) return PrivacyAction::kHash;
  return std::nullopt;
}

}  // namespace logexport
