#include "service/web/session_cookie.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace logexport {
namespace {

absl::string_view NameFor(const WebRequest& request) {
  return request.tls ? "__Host-logexport" : "logexport";
}

std::string CookieOf(const WebRequest& request, absl::string_view value, std::int64_t seconds) {
  return absl::StrCat(NameFor(request), "=", value,
                      "; Path=/; HttpOnly; SameSite=Strict; Max-Age=", seconds,
                      request.tls ? "; Secure" : "");
}

}  // namespace

std::string SessionOf(const WebRequest& request) {
  std::string found;
  for (absl::string_view pair : absl::StrSplit(request.Field("cookie").value_or(""), ';')) {
    pair = absl::StripAsciiWhitespace(pair);
    const std::size_t equals = pair.find('=');
    if (equals == absl::string_view::npos || pair.substr(0, equals) != NameFor(request)) continue;
    if (!found.empty()) return "";
    found = std::string(pair.substr(equals + 1));
  }
  return found;
}

std::string SessionCookie(const WebRequest& request, absl::string_view secret,
                          absl::Duration life) {
  return CookieOf(request, secret, absl::ToInt64Seconds(life));
}

std::string NoSessionCookie(const WebRequest& request) { return CookieOf(request, "", 0); }

}  // namespace logexport
