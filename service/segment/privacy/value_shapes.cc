#include "service/segment/privacy/value_shapes.h"

#include <algorithm>
#include <array>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

namespace logexport {

bool IsWordByte(char c) {
  return static_cast<unsigned char>(c) >= 0x80 ||
         absl::ascii_isalnum(static_cast<unsigned char>(c));
}

namespace {

bool IsLocalPartByte(char c) {
  // RFC 5322 allows more, which in running text and URLs is far more often not part of the address.
  return IsWordByte(c) || c == '.' || c == '_' || c == '%' || c == '+' || c == '-';
}
bool IsDomainByte(char c) { return IsWordByte(c) || c == '-' || c == '.'; }

// Of base64url, and of the name of a kind of connection.
bool IsTokenByte(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_';
}

std::size_t SkipTokenPart(absl::string_view text, std::size_t i) {
  while (i < text.size() && IsTokenByte(text[i])) ++i;
  return i;
}

// What the ids of the users of Auth0's kinds of connections begin with, sorted.
constexpr std::array kProviders = std::to_array<absl::string_view>({
    "ad",
    "adfs",
    "amazon",
    "apple",
    "auth0",
    "auth0-adldap",
    "auth0-oidc",
    "baidu",
    "bitbucket",
    "bitly",
    "box",
    "daccount",
    "dropbox",
    "dwolla",
    "email",
    "evernote",
    "evernote-sandbox",
    "facebook",
    "fitbit",
    "flickr",
    "github",
    "google-apps",
    "google-oauth2",
    "instagram",
    "line",
    "linkedin",
    "oauth1",
    "oauth2",
    "office365",
    "oidc",
    "okta",
    "paypal",
    "paypal-sandbox",
    "pingfederate",
    "planningcenter",
    "salesforce",
    "salesforce-community",
    "salesforce-sandbox",
    "samlp",
    "sharepoint",
    "shop",
    "shopify",
    "sms",
    "soundcloud",
    "thirtysevensignals",
    "twitter",
    "untappd",
    "vkontakte",
    "waad",
    "weibo",
    "windowslive",
    "wordpress",
    "yahoo",
    "yandex",
});

bool IsProvider(absl::string_view text) {
  return std::binary_search(kProviders.begin(), kProviders.end(), text);
}

// Whether what follows is a user in a path of the Management API.
bool LeadsToUser(absl::string_view before) {
  for (const absl::string_view folder : {"/users/", "/members/", "/user-blocks/"}) {
    if (absl::EndsWith(before, folder)) return true;
  }
  return false;
}

// Encoded, an id holds none of these; as it is it seldom does, and they end far more.
bool EndsId(char c) {
  return absl::ascii_isspace(static_cast<unsigned char>(c)) || absl::StrContains("\"\\/?#&<>", c);
}
bool IsClosingMark(char c) { return absl::StrContains(".,;:!')]}", c); }

}  // namespace

std::vector<TextRange> FindEmailAddresses(absl::string_view text) {
  std::vector<TextRange> found;
  for (std::size_t at = text.find('@'); at != text.npos; at = text.find('@', at + 1)) {
    std::size_t begin = at;
    while (begin > 0 && IsLocalPartByte(text[begin - 1])) --begin;
    std::size_t end = at + 1;
    while (end < text.size() && IsDomainByte(text[end])) ++end;
    while (end > at + 1 && !IsWordByte(text[end - 1])) --end;
    if (begin == at || !absl::StrContains(text.substr(at + 1, end - at - 1), '.')) continue;
    found.push_back({begin, end});
  }
  return found;
}

std::vector<TextRange> FindTokens(absl::string_view text) {
  // Three parts of base64url, of which the first is a JSON object: it begins with {" encoded.
  std::vector<TextRange> found;
  for (std::size_t i = text.find("eyJ"); i != text.npos; i = text.find("eyJ", i + 1)) {
    const std::size_t header = SkipTokenPart(text, i);
    if (header == text.size() || text[header] != '.') continue;
    const std::size_t payload = SkipTokenPart(text, header + 1);
    if (payload == header + 1) continue;
    const std::size_t end =
        payload < text.size() && text[payload] == '.' ? SkipTokenPart(text, payload + 1) : payload;
    found.push_back({i, end});
    i = end - 1;
  }
  return found;
}

std::vector<TextRange> FindUserIds(absl::string_view text) {
  constexpr absl::string_view kEncodedBar = "%7c";
  std::vector<TextRange> found;
  if (!absl::StrContains(text, '|') && !absl::StrContains(text, kEncodedBar)) return found;
  for (std::size_t bar = text.find_first_of("|%"); bar != text.npos;
       bar = text.find_first_of("|%", bar + 1)) {
    const bool encoded = text[bar] == '%';
    if (encoded && text.substr(bar, kEncodedBar.size()) != kEncodedBar) continue;
    std::size_t begin = bar;
    while (begin > 0 && IsTokenByte(text[begin - 1])) --begin;
    if (begin == bar) continue;
    if (!IsProvider(text.substr(begin, bar - begin)) && !LeadsToUser(text.substr(0, begin))) {
      continue;
    }
    const std::size_t id = bar + (encoded ? kEncodedBar.size() : 1);
    std::size_t end = id;
    while (end < text.size() && !EndsId(text[end])) ++end;
    while (end > id && IsClosingMark(text[end - 1])) --end;
    if (end == id) continue;
    found.push_back({begin, end});
    bar = end - 1;
  }
  return found;
}

bool IsUserId(absl::string_view text) {
  const std::size_t bar = SkipTokenPart(text, 0);
  if (bar == 0 || bar + 1 >= text.size() || text[bar] != '|') return false;
  // Ids from enterprise directories can hold spaces; other texts with a bar in them do.
  return IsProvider(text.substr(0, bar)) || std::none_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_isspace(static_cast<unsigned char>(c));
         });
}

}  // namespace logexport
