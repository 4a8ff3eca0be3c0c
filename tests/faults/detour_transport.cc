#include "tests/faults/detour_transport.h"

#include <algorithm>
#include <optional>
#include <stop_token>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace logexport {
namespace {

using sandbox::Endpoint;

std::optional<Endpoint> EndpointOf(absl::string_view url) {
  if (absl::StrContains(url, "/oauth/token")) return Endpoint::kToken;
  if (absl::StrContains(url, "/api/v2/logs?from=")) return Endpoint::kLogsCheckpoint;
  if (absl::StrContains(url, "/api/v2/logs?")) return Endpoint::kLogsSearch;
  if (absl::StrContains(url, "/api/v2/logs/")) return Endpoint::kLog;
  if (absl::StrContains(url, "/api/v2/users?")) return Endpoint::kUsersSearch;
  if (absl::StrContains(url, "/api/v2/users/")) return Endpoint::kUsersRead;
  if (absl::StrContains(url, "/v1/batch")) return Endpoint::kSegment;
  return std::nullopt;
}

absl::string_view PathOf(absl::string_view url) {
  return url.substr(url.find('/', url.find("://") + 3));
}

}  // namespace

class DetourTransport::Begun final : public HttpExchange {
 public:
  Begun(DetourTransport& transport, HttpRequest request)
      : transport_(transport),
        asked_(request.timeout),
        begun_(transport.clock_.Monotonic()),
        sent_(transport.Divert(std::move(request))),
        exchange_(transport.inner_.Begin(sent_)) {}

  absl::StatusOr<HttpResponse> Finish() override {
    return transport_.Charge(exchange_->Finish(), asked_, sent_.timeout, begun_);
  }

 private:
  DetourTransport& transport_;
  const absl::Duration asked_;
  const absl::Duration begun_;
  const HttpRequest sent_;
  const std::unique_ptr<HttpExchange> exchange_;
};

void DetourTransport::Set(Detour detour) {
  MutexLock lock(&mutex_);
  detour_ = std::move(detour);
  calls_ = 0;
}

HttpRequest DetourTransport::Divert(HttpRequest request) {
  const std::optional<Endpoint> endpoint = EndpointOf(request.url);
  MutexLock lock(&mutex_);
  if (!endpoint.has_value() || !detour_.endpoints.Contains(*endpoint)) return request;
  const int call = calls_++;
  if (call < detour_.skip) return request;
  if (detour_.times > 0 && call >= detour_.skip + detour_.times) return request;
  if (!detour_.authority.empty()) {
    request.url = absl::StrCat(detour_.authority, PathOf(request.url));
  }
  request.timeout = std::min(request.timeout, detour_.patience);
  return request;
}

absl::StatusOr<HttpResponse> DetourTransport::Charge(absl::StatusOr<HttpResponse> response,
                                                     absl::Duration asked, absl::Duration sent,
                                                     absl::Duration begun) {
  if (absl::IsDeadlineExceeded(response.status()) && sent < asked) {
    clock_.SleepUntil(begun + asked, std::stop_token());
  }
  return response;
}

absl::StatusOr<HttpResponse> DetourTransport::Issue(const HttpRequest& request) {
  const absl::Duration begun = clock_.Monotonic();
  const HttpRequest sent = Divert(request);
  return Charge(inner_.Issue(sent), request.timeout, sent.timeout, begun);
}

std::unique_ptr<HttpExchange> DetourTransport::Begin(HttpRequest request) {
  return std::make_unique<Begun>(*this, std::move(request));
}

}  // namespace logexport
