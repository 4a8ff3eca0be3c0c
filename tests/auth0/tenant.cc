#include "tests/auth0/tenant.h"

#include <atomic>
#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"

namespace logexport {

Auth0Settings TenantSettings() {
  Auth0Settings settings;
  settings.base_url = "https://tenant.example.com";
  settings.audience = "https://tenant.example.com/api/v2/";
  settings.client_id = "the-client";
  settings.client_secret = "the-secret";
  return settings;
}

std::string LogJson(absl::string_view id, absl::string_view date, absl::string_view more) {
  std::string json = absl::StrCat(R"({"log_id":")", id, R"(","type":"s")");
  if (!date.empty()) absl::StrAppend(&json, R"(,"date":")", date, "\"");
  if (!more.empty()) absl::StrAppend(&json, ",", more);
  return json + "}";
}

std::string IdAt(absl::Time time, int number) {
  return absl::StrCat("900", absl::FormatTime("%E4Y%m%d%H%M%S", time, absl::UTCTimeZone()),
                      absl::StrFormat("%06d%033d",
                                      absl::ToInt64Microseconds(
                                          time - absl::FromUnixSeconds(absl::ToUnixSeconds(time))),
                                      number));
}

std::string JsonArray(const std::vector<std::string>& elements) {
  return absl::StrCat("[", absl::StrJoin(elements, ","), "]");
}

std::vector<std::string> IdsOf(const Page& page) {
  std::vector<std::string> ids;
  for (const Log& log : page.logs) ids.emplace_back(log.id);
  return ids;
}

HttpHeader DateHeader(absl::Time time) {
  return {"Date", absl::FormatTime("%a, %d %b %E4Y %H:%M:%S GMT", time, absl::UTCTimeZone())};
}

void GrantTokens(ScriptedTransport* http) {
  auto issued = std::make_shared<std::atomic<int>>(0);
  http->AnswerWith(
      HttpMethod::kPost, testing::EndsWith("/oauth/token"), [issued](const HttpRequest&) {
        return MakeResponse(
            200, absl::StrCat(R"({"access_token":"token-)", ++*issued, R"(","expires_in":86400})"));
      });
}

std::vector<RecordedRequest> RequestsTo(const ScriptedTransport& http, absl::string_view part) {
  std::vector<RecordedRequest> found;
  for (RecordedRequest& request : http.requests()) {
    if (absl::StrContains(request.url, part)) found.push_back(std::move(request));
  }
  return found;
}

std::string QueryParameter(absl::string_view url, absl::string_view name) {
  for (const char before : {'?', '&'}) {
    const std::string key = absl::StrCat(std::string(1, before), name, "=");
    const auto begin = url.find(key);
    if (begin == url.npos) continue;
    const absl::string_view value = url.substr(begin + key.size());
    std::string decoded;
    for (std::size_t i = 0; i < value.size() && value[i] != '&'; ++i) {
      if (value[i] == '%' && i + 2 < value.size()) {
        decoded += static_cast<char>(std::stoi(std::string(value.substr(i + 1, 2)), nullptr, 16));
        i += 2;
      } else {
        decoded += value[i];
      }
    }
    return decoded;
  }
  return "(none)";
}

}  // namespace logexport
