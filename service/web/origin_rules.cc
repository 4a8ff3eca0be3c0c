#include "service/web/origin_rules.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "service/base/shown_text.h"
#include "service/control/api_error.h"
#include "service/http/url.h"

namespace logexport {
namespace {

absl::Status Foreign(absl::string_view key, absl::string_view value, std::string message) {
  ApiError error;
  error.code = absl::StatusCode::kPermissionDenied;
  error.reason = "FOREIGN_ORIGIN";
  error.message = std::move(message);
  error.metadata[std::string(key)] = BlankHidden(value);
  return MakeApiError(error);
}

// The host of a Host field, in lower case; empty when it is none.
std::string HostOf(absl::string_view field) {
  const std::size_t end_of_address = field.find(']');
  const std::size_t colon =
      field.find(':', end_of_address == absl::string_view::npos ? 0 : end_of_address);
  return absl::AsciiStrToLower(field.substr(0, colon));
}

}  // namespace

OriginRules::OriginRules(const std::vector<std::string>& hosts, std::string own_origin)
    : own_origin_(absl::AsciiStrToLower(own_origin)) {
  for (const std::string& host : hosts) hosts_.insert(absl::AsciiStrToLower(host));
}

absl::Status OriginRules::CheckHost(const WebRequest& request) const {
  const absl::string_view field = request.Field("host").value_or("");
  const std::string host = HostOf(field);
  if (IsLoopbackHost(host) || hosts_.contains(host)) return absl::OkStatus();
  return Foreign("host", field,
                 "this host is not one of the service's; start the service with --http-host for "
                 "each name that it is reached by");
}

absl::Status OriginRules::CheckOrigin(const WebRequest& request, bool by_browser) const {
  if (const auto origin = request.Field("origin"); origin.has_value()) {
    const std::string given = absl::AsciiStrToLower(*origin);
    const std::string own = absl::StrCat(request.tls ? "https://" : "http://",
                                         absl::AsciiStrToLower(request.Field("host").value_or("")));
    if (given != own && (own_origin_.empty() || given != own_origin_)) {
      return Foreign("origin", *origin, "the request comes from a page of another site");
    }
  }
  if (!by_browser) return absl::OkStatus();
  if (request.Field("sec-fetch-site").value_or("same-origin") != "same-origin") {
    return Foreign("origin", request.Field("sec-fetch-site").value_or(""),
                   "the request comes from a page of another site");
  }
  // A form can send neither; a script of another site only after the browser has asked, which is
  // never answered.
  if (!request.Field("connect-protocol-version").has_value()) {
    return Foreign("origin", "",
                   "send connect-protocol-version: 1, which shows that no page of another site has "
                   "made this request");
  }
  return absl::OkStatus();
}

}  // namespace logexport
