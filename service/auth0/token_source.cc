#include "service/auth0/token_source.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

#include "service/auth0/failures.h"
#include "service/auth0/rate_budget.h"
#include "service/base/status_macros.h"
#include "service/json/json_value.h"
#include "service/json/json_writer.h"

namespace logexport {
namespace {

constexpr absl::Duration kTokenTimeout = absl::Seconds(30);

// A token is renewed this long before it expires, or at nine tenths of a short life.
constexpr absl::Duration kRenewalMargin = absl::Seconds(60);
constexpr int kRenewalMarginPart = 10;

// When renewing early failed, the old token serves this long before the next attempt.
constexpr absl::Duration kRenewalPause = absl::Seconds(5);

// For an answer without `expires_in`, which OAuth allows.
constexpr absl::Duration kAssumedLife = absl::Minutes(5);

// How often a thread that waits for another one's request looks whether it should still wait.
constexpr absl::Duration kAwaitStep = absl::Milliseconds(50);

std::string RequestBody(const Auth0Settings& settings) {
  JsonWriter json;
  json.BeginObject()
      .Key("grant_type")
      .String("client_credentials")
      .Key("client_id")
      .String(settings.client_id)
      .Key("client_secret")
      .String(settings.client_secret)
      .Key("audience")
      .String(settings.audience)
      .EndObject();
  return std::move(json).Take();
}

}  // namespace

TokenSource::TokenSource(const Auth0Settings& settings, HttpTransport& transport,
                         const Clock& clock, PeerClock& server_clock)
    : url_(absl::StrCat(settings.base_url, "/oauth/token")),
      request_body_(RequestBody(settings)),
      client_secret_(settings.client_secret),
      transport_(transport),
      clock_(clock),
      server_clock_(server_clock) {}

absl::StatusOr<std::string> TokenSource::Get(const CallContext& context) {
  std::shared_ptr<Flight> own;
  while (own == nullptr) {
    MutexLock lock(&mutex_);
    if (!token_.text.empty() && clock_.Monotonic() < token_.renew_at) return token_.text;
    if (flight_ == nullptr) {
      own = flight_ = std::make_shared<Flight>();
      break;
    }
    const std::shared_ptr<Flight> other = flight_;
    RETURN_IF_ERROR(Await(other, context));
    // That its thread was stopped says nothing about the token; then it is this one's turn.
    if (other->landed && !other->status.ok() &&
        FailureOf(other->status).kind != FailureClass::kStopped) {
      return other->status;
    }
  }

  absl::StatusOr<Token> fetched = Fetch(context);
  MutexLock lock(&mutex_);
  if (fetched.ok()) {
    token_ = *std::move(fetched);
  } else if (!token_.text.empty() && clock_.Monotonic() < token_.expires_at &&
             FailureOf(fetched.status()).retryable()) {
    token_.renew_at = std::min(clock_.Monotonic() + kRenewalPause, token_.expires_at);
  } else {
    token_ = Token();
    own->status = fetched.status();
  }
  own->landed = true;
  flight_ = nullptr;
  landed_.NotifyAll();
  if (!own->status.ok()) return own->status;
  return token_.text;
}

absl::Status TokenSource::Await(const std::shared_ptr<Flight>& flight, const CallContext& context) {
  while (!flight->landed) {
    if (context.stop.stop_requested()) {
      return NoResponse("POST /oauth/token", absl::CancelledError("stopped"));
    }
    if (clock_.Monotonic() >= context.deadline) {
      return NoResponse("POST /oauth/token", absl::DeadlineExceededError("no time is left"));
    }
    landed_.WaitFor(&mutex_, kAwaitStep);
  }
  return absl::OkStatus();
}

absl::StatusOr<TokenSource::Token> TokenSource::Fetch(const CallContext& context) {
  const absl::Duration asked_at = clock_.Monotonic();
  HttpRequest request;
  request.method = HttpMethod::kPost;
  request.url = url_;
  request.purpose = "auth0/token";
  request.headers = {{"Content-Type", "application/json"}, {"Accept", "application/json"}};
  request.body = request_body_;
  request.timeout = std::min(kTokenTimeout, context.deadline - asked_at);
  request.secrets = {client_secret_};
  request.answer_is_secret = true;
  request.stop = context.stop;
  if (request.timeout <= absl::ZeroDuration()) {
    return NoResponse("POST /oauth/token", absl::DeadlineExceededError("no time is left"));
  }
  requests_.fetch_add(1, std::memory_order_relaxed);
  const absl::StatusOr<HttpResponse> response = transport_.Issue(request);
  if (!response.ok()) return NoResponse("POST /oauth/token", response.status());
  server_clock_.Observe(*response, asked_at);
  if (response->status != 200) {
    return TokenFailure(*response, RateLimit::AskedWait(*response, server_clock_.Now()));
  }
  return ParseToken(*response, asked_at);
}

absl::StatusOr<TokenSource::Token> TokenSource::ParseToken(const HttpResponse& response,
                                                           absl::Duration asked_at) const {
  const absl::StatusOr<JsonValue> answer = JsonValue::Parse(response.body);
  Token token;
  if (answer.ok()) token.text = (*answer)["access_token"].String();
  if (token.text.empty()) {
    return UnexpectedAnswer("POST /oauth/token", response, response.body.size(),
                            "holds no access_token");
  }
  double seconds = 0;
  absl::Duration life = kAssumedLife;
  if (absl::SimpleAtod((*answer)["expires_in"].ScalarText(), &seconds) && seconds > 0) {
    life = absl::Seconds(seconds);
  }
  token.expires_at = asked_at + life;
  token.renew_at = token.expires_at - std::min(kRenewalMargin, life / kRenewalMarginPart);
  return token;
}

void TokenSource::Drop(absl::string_view token) {
  MutexLock lock(&mutex_);
  if (token_.text == token) token_ = Token();
}

}  // namespace logexport
