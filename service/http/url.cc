#include "service/http/url.h"

#include <memory>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include <curl/curl.h>

#include "service/base/utf8.h"

namespace logexport {
namespace {

struct FreeCurlUrl {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};

bool HasPart(CURLU* url, CURLUPart part) {
  char* value = nullptr;
  const bool has = curl_url_get(url, part, &value, 0) == CURLUE_OK;
  curl_free(value);
  return has;
}

std::string Part(CURLU* url, CURLUPart part, unsigned int flags = 0) {
  char* value = nullptr;
  if (curl_url_get(url, part, &value, flags) != CURLUE_OK) return {};
  std::string text = value;
  curl_free(value);
  return text;
}

absl::Status WhyNot(CURLUcode code) {
  if (code == CURLUE_UNSUPPORTED_SCHEME) {
    return absl::InvalidArgumentError("the URL's scheme is neither https nor http");
  }
  return absl::InvalidArgumentError(absl::StrCat("not a usable URL (",
                                                 absl::AsciiStrToLower(curl_url_strerror(code)),
                                                 "); it has the form https://host/path"));
}

}  // namespace

std::string Url::Authority() const {
  const bool is_ipv6 = absl::StrContains(host, ':');
  std::string authority = is_ipv6 ? absl::StrCat("[", host, "]") : host;
  if (port != (scheme == "https" ? 443 : 80)) absl::StrAppend(&authority, ":", port);
  return authority;
}

absl::StatusOr<Url> ParseUrl(absl::string_view text) {
  if (absl::StrContains(text, '\0')) {
    return absl::InvalidArgumentError("the URL holds a NUL character");
  }
  // Curl would forgive one slash or three, as browsers do.
  const std::size_t scheme_end = text.find("://");
  if (scheme_end == absl::string_view::npos) return WhyNot(CURLUE_BAD_SCHEME);
  if (text.substr(scheme_end + 3, 1) == "/") return WhyNot(CURLUE_NO_HOST);
  const std::unique_ptr<CURLU, FreeCurlUrl> parsed(curl_url());
  if (parsed == nullptr) return absl::ResourceExhaustedError("out of memory");
  const CURLUcode code = curl_url_set(parsed.get(), CURLUPART_URL, std::string(text).c_str(), 0);
  if (code != CURLUE_OK) return WhyNot(code);
  Url url;
  url.scheme = Part(parsed.get(), CURLUPART_SCHEME);
  if (url.scheme != "https" && url.scheme != "http") return WhyNot(CURLUE_UNSUPPORTED_SCHEME);
  if (HasPart(parsed.get(), CURLUPART_USER) || HasPart(parsed.get(), CURLUPART_PASSWORD)) {
    return absl::InvalidArgumentError("the URL holds a user name or password, which is not taken");
  }
  if (HasPart(parsed.get(), CURLUPART_FRAGMENT)) {
    return absl::InvalidArgumentError("the URL holds a fragment (#), which no server ever sees");
  }
  url.host = absl::AsciiStrToLower(Part(parsed.get(), CURLUPART_HOST));
  if (!url.host.empty() && url.host.front() == '[')
    url.host = url.host.substr(1, url.host.size() - 2);
  if (url.host.empty()) return absl::InvalidArgumentError("the URL names no host");
  // Curl decodes %FE, so that even a URL of plain letters can have such a host.
  if (!IsValidUtf8(url.host) || absl::c_any_of(url.host, absl::ascii_iscntrl)) {
    return absl::InvalidArgumentError("the URL's host holds bytes that no name of a host has");
  }
  if (!absl::SimpleAtoi(Part(parsed.get(), CURLUPART_PORT, CURLU_DEFAULT_PORT), &url.port) ||
      url.port < 1 || url.port > 65535) {
    return absl::InvalidArgumentError("the URL's port is not between 1 and 65535");
  }
  url.path = Part(parsed.get(), CURLUPART_PATH);
  url.query = Part(parsed.get(), CURLUPART_QUERY);
  return url;
}

bool IsLoopbackHost(absl::string_view host) {
  if (host == "::1" || host == "[::1]" || absl::EqualsIgnoreCase(host, "localhost")) return true;
  // A name may start with "127." too, so all four numbers are read.
  const std::vector<absl::string_view> numbers = absl::StrSplit(host, '.');
  if (numbers.size() != 4 || numbers[0] != "127") return false;
  for (const absl::string_view number : numbers) {
    int value = 0;
    if (number.empty() || number.size() > 3) return false;
    for (const char c : number) {
      if (!absl::ascii_isdigit(static_cast<unsigned char>(c))) return false;
    }
    if (!absl::SimpleAtoi(number, &value) || value > 255) return false;
  }
  return true;
}

std::string PercentEncode(absl::string_view text) {
  constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (absl::ascii_isalnum(byte) || c == '-' || c == '.' || c == '_' || c == '~') {
      out += c;
    } else {
      const char sequence[] = {'%', kHex[byte >> 4], kHex[byte & 15]};
      out.append(sequence, sizeof(sequence));
    }
  }
  return out;
}

}  // namespace logexport
