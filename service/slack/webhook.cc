#include "service/slack/webhook.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "service/base/shown_text.h"
#include "service/base/utf8.h"
#include "service/http/header_time.h"
#include "service/slack/message.h"

namespace logexport {
namespace {

using Outcome = Notifier::Outcome;
using Result = Notifier::Result;

constexpr absl::Duration kTimeout = absl::Seconds(15);
constexpr absl::Duration kMaxRetryAfter = absl::Hours(1);
constexpr std::size_t kMaxAnswerBytes = 300;

// What somebody else said, fit to be shown: on one line, and not long.
std::string Presentable(absl::string_view text) {
  const std::string shown = BlankHidden(ReplaceInvalidUtf8(text));
  const absl::string_view cut = TruncateUtf8(shown, kMaxAnswerBytes);
  return std::string(absl::StripAsciiWhitespace(cut));
}

// The address as a whole, and each part of its path: the scheme and the host are no secret.
std::vector<std::string> SecretsIn(absl::string_view webhook) {
  std::vector<std::string> secrets = {std::string(webhook)};
  const std::vector<absl::string_view> parts = absl::StrSplit(webhook, '/');
  for (std::size_t i = 3; i < parts.size(); ++i) {
    if (parts[i] != "services") secrets.emplace_back(parts[i]);
  }
  return secrets;
}

absl::StatusOr<HttpResponse> Post(HttpTransport& http, absl::string_view webhook,
                                  absl::string_view payload, const std::stop_token& stop) {
  HttpRequest request;
  request.method = HttpMethod::kPost;
  request.url = std::string(webhook);
  request.headers = {{"Content-Type", "application/json; charset=utf-8"}};
  request.body = payload;
  request.timeout = kTimeout;
  request.max_response_bytes = 64 << 10;
  request.secrets = SecretsIn(webhook);
  request.purpose = "slack/message";
  request.stop = stop;
  return http.Issue(request);
}

Outcome NoAnswer(const absl::Status& status) {
  Outcome outcome;
  outcome.answer = Presentable(status.message());
  switch (status.code()) {
    case absl::StatusCode::kCancelled:
      outcome.result = Result::kTryLater;
      outcome.retry_after = absl::ZeroDuration();
      break;
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kResourceExhausted:
      outcome.result = Result::kRefused;
      absl::StrAppend(&outcome.answer, "; check slack.webhook");
      break;
    default:
      outcome.result = Result::kTryLater;
      break;
  }
  return outcome;
}

// What an operator can do about a refusal.
absl::string_view AdviceFor(int status) {
  switch (status) {
    case 400:
    case 413:
      return "Slack cannot read the message, not even as bare text";
    case 401:
    case 403:
      return "Slack does not let this webhook post; make a new one and set slack.webhook";
    case 404:
      return "the webhook does not exist any more; make a new one and set slack.webhook";
    case 410:
      return "the channel is archived; make a webhook for another one and set slack.webhook";
    default:
      break;
  }
  if (status >= 300 && status < 400) {
    return "redirects are not followed, since the address is a secret; check slack.webhook";
  }
  return "this is not an answer of Slack's; check slack.webhook";
}

// Slack says "ok"; receivers that are made like Slack's say this and that. A page for people is no
// receiver: some proxy or portal answered in its place.
bool IsTaken(const HttpResponse& response) {
  return response.status == 200 &&
         !absl::StartsWith(absl::StripLeadingAsciiWhitespace(response.body), "<");
}

Outcome Judge(const HttpResponse& response, Clock& clock) {
  Outcome outcome;
  outcome.http_status = response.status;
  outcome.answer = Presentable(response.body);
  if (IsTaken(response)) {
    outcome.result = Result::kSent;
  } else if (response.status == 429) {
    outcome.result = Result::kTryLater;
    const std::optional<absl::Duration> asked =
        ParseRetryAfter(response.Header("Retry-After"), clock.Now());
    if (asked) outcome.retry_after = std::min(*asked, kMaxRetryAfter);
  } else if (response.status == 408 || response.status >= 500) {
    outcome.result = Result::kTryLater;
  } else {
    outcome.result = Result::kRefused;
    outcome.answer = absl::StrCat(outcome.answer.empty() ? "no text" : outcome.answer, "; ",
                                  AdviceFor(response.status));
  }
  return outcome;
}

}  // namespace

Outcome PostToSlack(HttpTransport& http, Clock& clock, absl::string_view webhook,
                    absl::string_view payload, const std::stop_token& stop) {
  absl::StatusOr<HttpResponse> response = Post(http, webhook, payload, stop);
  if (response.ok() && (response->status == 400 || response->status == 413)) {
    // The layout may be the reason; send the text without it.
    if (const std::string fallback = FallbackPayload(payload); !fallback.empty()) {
      response = Post(http, webhook, fallback, stop);
    }
  }
  if (!response.ok()) return NoAnswer(response.status());
  return Judge(*response, clock);
}

}  // namespace logexport
