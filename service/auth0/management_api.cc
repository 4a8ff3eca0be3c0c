#include "service/auth0/management_api.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

#include "service/auth0/failures.h"
#include "service/base/status_macros.h"
#include "service/http/url.h"

namespace logexport {
namespace {

// A page of 8 MB must have the time to arrive over a slow line.
constexpr absl::Duration kTimeout = absl::Seconds(60);

// What was begun longer ago may have lain unread since.
constexpr absl::Duration kFresh = absl::Seconds(1);

// Compressing pays over a real network only.
bool IsFarAway(absl::string_view base_url) {
  const absl::StatusOr<Url> url = ParseUrl(base_url);
  return url.ok() && !IsLoopbackHost(url->host);
}

}  // namespace

Auth0Client::Auth0Client(const Auth0Settings& settings, int profile_share_percent,
                         HttpTransport& transport, Clock& clock)
    : base_url_(settings.base_url),
      accept_compressed_(IsFarAway(settings.base_url)),
      transport_(transport),
      clock_(clock),
      server_clock_(clock),
      logs_limit_(settings.rate_limit_reserve_percent, profile_share_percent),
      users_limit_(settings.rate_limit_reserve_percent, profile_share_percent),
      tokens_(settings, transport, clock, server_clock_) {}

absl::StatusOr<Auth0Client::Answer> Auth0Client::Get(const Call& call, const CallContext& context) {
  for (bool renewed = false;; renewed = true) {
    ASSIGN_OR_RETURN(const std::string token, tokens_.Get(context));
    ASSIGN_OR_RETURN(const HttpRequest request, MakeRequest(call, context, token));
    requests_.fetch_add(1, std::memory_order_relaxed);
    bool token_rejected = false;
    const absl::Duration asked = clock_.Monotonic();
    absl::StatusOr<HttpResponse> response = transport_.Issue(request);
    if (response.ok()) server_clock_.Observe(*response, asked);
    absl::StatusOr<Answer> answer =
        Judge(std::move(response), call, context, token, &token_rejected);
    if (token_rejected && !renewed) continue;
    return answer;
  }
}

std::unique_ptr<Auth0Client::Begun> Auth0Client::Begin(const Call& call,
                                                       const CallContext& context) {
  absl::StatusOr<std::string> token = tokens_.Get(context);
  if (!token.ok()) return nullptr;
  absl::StatusOr<HttpRequest> request = MakeRequest(call, context, *token);
  if (!request.ok()) return nullptr;
  auto begun = std::make_unique<Begun>();
  begun->token = *std::move(token);
  begun->asked = clock_.Monotonic();
  requests_.fetch_add(1, std::memory_order_relaxed);
  begun->exchange = transport_.Begin(*std::move(request));
  return begun;
}

std::optional<absl::StatusOr<Auth0Client::Answer>> Auth0Client::Finish(Begun& begun,
                                                                       const Call& call,
                                                                       const CallContext& context) {
  absl::StatusOr<HttpResponse> response = begun.exchange->Finish();
  // Begun long ago, it may have been given up by the other side; being stopped is no such thing,
  // but then a call made anew is stopped as well.
  if (!response.ok() && !absl::IsResourceExhausted(response.status())) return std::nullopt;
  // One that lay here for long says too little about what time it is now.
  if (response.ok() && clock_.Monotonic() - begun.asked < kFresh) {
    server_clock_.Observe(*response, begun.asked);
  }
  bool token_rejected = false;
  absl::StatusOr<Answer> answer =
      Judge(std::move(response), call, context, begun.token, &token_rejected);
  if (token_rejected) return std::nullopt;
  return answer;
}

absl::StatusOr<HttpRequest> Auth0Client::MakeRequest(const Call& call, const CallContext& context,
                                                     absl::string_view token) const {
  HttpRequest request;
  request.timeout = std::min(kTimeout, context.deadline - clock_.Monotonic());
  if (request.timeout <= absl::ZeroDuration()) {
    return NoResponse(call.name, absl::DeadlineExceededError("no time is left"));
  }
  request.url = absl::StrCat(base_url_, call.target);
  request.headers = {{"Authorization", absl::StrCat("Bearer ", token)},
                     {"Accept", "application/json"}};
  request.max_response_bytes = call.max_response_bytes;
  request.accept_compressed = accept_compressed_;
  request.secrets = {std::string(token)};
  request.purpose = call.for_profiles ? "auth0/users" : "auth0/logs";
  request.stop = context.stop;
  return request;
}

absl::StatusOr<Auth0Client::Answer> Auth0Client::Judge(absl::StatusOr<HttpResponse> response,
                                                       const Call& call, const CallContext& context,
                                                       const std::string& token,
                                                       bool* token_rejected) {
  Answer answer;
  if (!response.ok()) {
    if (!absl::IsResourceExhausted(response.status())) {
      return NoResponse(call.name, response.status());
    }
    answer.too_large = true;
    return answer;
  }
  const absl::Time now = server_clock_.Now();
  if (call.for_profiles) {
    users_limit_.Observe(*response, RateLimit::kProfiles, now);
  } else {
    logs_limit_.Observe(*response, context.lane, now);
  }
  if (response->status == 200 || IsAboutTheRequest(response->status)) {
    answer.response = *std::move(response);
    return answer;
  }
  // A token keeps the scopes it was given with, so after a 403 the next one may do, too.
  if (response->status == 401 || response->status == 403) tokens_.Drop(token);
  *token_rejected = response->status == 401;
  return CallFailure(call.name, call.scope, *response, RateLimit::AskedWait(*response, now),
                     call.for_profiles ? Quote::kCodes : Quote::kWords);
}

absl::Duration Auth0Client::WaitForLogs(RunLane lane) const {
  return logs_limit_.Wait(lane, server_clock_.Now());
}

absl::Duration Auth0Client::WaitForProfiles() const {
  return users_limit_.Wait(RateLimit::kProfiles, server_clock_.Now());
}

bool Auth0Client::MayJoinForProfiles(int on_the_way) const {
  return users_limit_.MayJoin(RateLimit::kProfiles, on_the_way);
}

std::int64_t Auth0Client::requests() const {
  return requests_.load(std::memory_order_relaxed) + tokens_.requests();
}

}  // namespace logexport
