#include "service/config/endpoints.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

#include "service/base/status_macros.h"
#include "service/http/url.h"

namespace logexport {
namespace {

absl::StatusOr<Url> ParseSafeUrl(absl::string_view text) {
  absl::StatusOr<Url> url = ParseUrl(text);
  if (!url.ok()) {
    return absl::InvalidArgumentError(absl::StrCat("is refused: ", url.status().message()));
  }
  if (url->scheme != "https" && !IsLoopbackHost(url->host)) {
    return absl::InvalidArgumentError(
        absl::StrCat("is plain http to ", url->host, ", which would show the secrets sent there; ",
                     "write https (http is allowed to loopback only)"));
  }
  return url;
}

bool SamePlace(absl::string_view a, absl::string_view b,
               absl::StatusOr<std::string> (*parse)(absl::string_view)) {
  if (a == b) return true;
  const absl::StatusOr<std::string> parsed_a = parse(a);
  const absl::StatusOr<std::string> parsed_b = parse(b);
  return parsed_a.ok() && parsed_b.ok() && *parsed_a == *parsed_b;
}

}  // namespace

std::string AudienceOfDomain(absl::string_view domain) {
  return absl::StrCat("https://", absl::AsciiStrToLower(domain), "/api/v2/");
}

std::string BaseUrlOfDomain(absl::string_view domain) {
  return absl::StrCat("https://", absl::AsciiStrToLower(domain));
}

absl::StatusOr<std::string> ParseBaseUrl(absl::string_view url) {
  ASSIGN_OR_RETURN(const Url parsed, ParseSafeUrl(url));
  if (!parsed.query.empty()) {
    return absl::InvalidArgumentError("has a query (?…), which a base URL cannot have");
  }
  absl::string_view path = parsed.path;
  while (absl::ConsumeSuffix(&path, "/")) {
  }
  return absl::StrCat(parsed.scheme, "://", parsed.Authority(), path);
}

absl::StatusOr<std::string> SegmentBaseUrl(absl::string_view endpoint) {
  if (absl::EqualsIgnoreCase(endpoint, "US")) return std::string("https://api.segment.io");
  if (absl::EqualsIgnoreCase(endpoint, "EU")) {
    return std::string("https://events.eu1.segmentapis.com");
  }
  if (!absl::StrContains(endpoint, "://")) {
    return absl::InvalidArgumentError(
        "is neither US nor EU nor a URL such as https://api.segment.io");
  }
  ASSIGN_OR_RETURN(std::string base_url, ParseBaseUrl(endpoint));
  ASSIGN_OR_RETURN(const Url url, ParseUrl(base_url));
  for (const absl::string_view host :
       {"segment.com", "www.segment.com", "app.segment.com", "cdn.segment.com",
        "api.segmentapis.com", "eu1.api.segmentapis.com"}) {
    if (url.host == host) {
      return absl::InvalidArgumentError(
          absl::StrCat("is ", host, ", which takes no events; write US or EU"));
    }
  }
  for (const absl::string_view ending :
       {"/v1", "/v1/batch", "/v1/b", "/v1/track", "/v1/identify", "/v1/import"}) {
    if (absl::EndsWith(base_url, ending)) {
      return absl::InvalidArgumentError(
          absl::StrCat("ends in ", ending, "; leave that out, /v1/batch is added"));
    }
  }
  return base_url;
}

bool SameEndpoint(absl::string_view a, absl::string_view b) {
  return SamePlace(a, b, SegmentBaseUrl);
}

bool SameBaseUrl(absl::string_view a, absl::string_view b) { return SamePlace(a, b, ParseBaseUrl); }

absl::StatusOr<std::string> TenantOfAudience(absl::string_view audience) {
  ASSIGN_OR_RETURN(const Url url, ParseSafeUrl(audience));
  return url.host;
}

absl::Status CheckTenantBaseUrl(absl::string_view url) {
  ASSIGN_OR_RETURN(const std::string base_url, ParseBaseUrl(url));
  for (const absl::string_view path : {"/api/v2", "/oauth/token"}) {
    if (absl::StrContains(base_url, path)) {
      return absl::InvalidArgumentError(
          absl::StrCat("contains ", path, "; leave that out, it is added"));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckWebhook(absl::string_view text) {
  ASSIGN_OR_RETURN(const Url url, ParseSafeUrl(text));
  const bool of_slack = url.host == "slack.com" || absl::EndsWith(url.host, ".slack.com");
  if (!of_slack) return absl::OkStatus();
  const bool of_webhooks = url.host == "hooks.slack.com";
  if (!of_webhooks || url.path.empty() || url.path == "/" || url.path == "/services" ||
      url.path == "/services/") {
    return absl::InvalidArgumentError(
        "is an address of Slack but no incoming webhook; write "
        "https://hooks.slack.com/services/… as Slack shows it");
  }
  return absl::OkStatus();
}

}  // namespace logexport
