#include "service/webhook/webhook_notifier.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "service/base/shown_text.h"
#include "service/base/utf8.h"
#include "service/http/header_time.h"
#include "service/http/redacting_transport.h"
#include "service/json/json_value.h"
#include "service/webhook/notification_event.h"
#include "service/webhook/webhook_signature.h"

namespace logexport {
namespace {

constexpr absl::Duration kReceiverTimeout = absl::Seconds(15);
constexpr absl::Duration kLongestWait = absl::Hours(1);
constexpr std::size_t kMostShownBytes = 300;
// Shorter parts of an address are words such as `v2`.
constexpr std::size_t kShortestKey = 8;

// The address, and each part of its path and query that may be a key.
std::vector<std::string> SecretsOf(const Notifier::Receiver& receiver) {
  std::vector<std::string> secrets = {receiver.url, receiver.signing_key};
  const std::vector<absl::string_view> parts =
      absl::StrSplit(receiver.url, absl::ByAnyChar("/?&="));
  // The first are the scheme, nothing, and the host, which errors may name.
  for (std::size_t i = 3; i < parts.size(); ++i) {
    if (parts[i].size() >= kShortestKey) secrets.emplace_back(parts[i]);
  }
  return secrets;
}

std::string ShownAnswer(absl::string_view text) {
  const std::string shown = BlankHidden(ReplaceInvalidUtf8(text));
  return std::string(absl::StripAsciiWhitespace(TruncateUtf8(shown, kMostShownBytes)));
}

Notifier::Outcome NothingCame(const absl::Status& status) {
  Notifier::Outcome outcome;
  outcome.answer = ShownAnswer(status.message());
  outcome.result = Notifier::Result::kTryLater;
  if (absl::IsCancelled(status)) {
    outcome.retry_after = absl::ZeroDuration();
  } else if (absl::IsFailedPrecondition(status) || absl::IsInvalidArgument(status)) {
    outcome.result = Notifier::Result::kRefused;
    absl::StrAppend(&outcome.answer, "; check webhook.url");
  }
  return outcome;
}

absl::string_view WhatToDo(int status) {
  if (status >= 300 && status < 400) {
    return "redirects are not followed, since the address is a secret; check webhook.url";
  }
  switch (status) {
    case 401:
    case 403:
      return "the receiver does not take the signature or the address; check webhook.secret and "
             "webhook.url";
    case 404:
    case 410:
      return "the receiver is gone; check webhook.url";
    default:
      return "the receiver does not take the event; it has to answer 2xx";
  }
}

class WebhookNotifier final : public Notifier {
 public:
  WebhookNotifier(HttpTransport& http, Clock& clock) : http_(http), clock_(clock) {}

  std::string RunFailed(const RunNews& news, bool reminder) const override {
    return RunFailedEvent(news, reminder, clock_.Now());
  }
  std::string Recovered(const RunNews& news) const override {
    return RunRecoveredEvent(news, clock_.Now());
  }
  std::string RunSucceeded(const RunNews& news) const override {
    return RunSucceededEvent(news, clock_.Now());
  }
  std::string Silence(const SilenceNews& news) const override {
    return SilenceEvent(news, clock_.Now());
  }
  std::string SilenceOver(const SilenceNews& news) const override {
    return SilenceOverEvent(news, clock_.Now());
  }
  std::string DailyReport(const DailyNews& news) const override {
    return DailyReportEvent(news, clock_.Now());
  }
  std::string Test(absl::string_view exporter, const Route& route,
                   const Audit& audit) const override {
    return TestEvent(exporter, route, audit, clock_.Now());
  }

  Outcome Deliver(const Receiver& receiver, absl::string_view payload,
                  std::stop_token stop) override {
    const absl::StatusOr<JsonValue> event = JsonValue::Parse(payload);
    const std::string id = event.ok() ? (*event)["id"].String() : "";
    const absl::Time now = clock_.Now();
    HttpRequest request;
    request.method = HttpMethod::kPost;
    request.url = receiver.url;
    request.headers = {
        {"Content-Type", "application/json"},
        {"webhook-id", id},
        {"webhook-timestamp", absl::StrCat(absl::ToUnixSeconds(now))},
        {"webhook-signature", WebhookSignature(receiver.signing_key, id, now, payload)}};
    request.body = payload;
    request.timeout = kReceiverTimeout;
    request.max_response_bytes = 64 << 10;
    request.secrets = SecretsOf(receiver);
    request.purpose = "webhook/event";
    request.stop = std::move(stop);
    const absl::StatusOr<HttpResponse> response = http_.Issue(request);
    // Whoever answers so much is no receiver of events.
    if (absl::IsResourceExhausted(response.status())) {
      return {Result::kRefused, 0, ShownAnswer(response.status().message())};
    }
    if (!response.ok()) return NothingCame(response.status());
    return Judge(*response);
  }

 private:
  Outcome Judge(const HttpResponse& response) const {
    Outcome outcome;
    outcome.http_status = response.status;
    outcome.answer = ShownAnswer(response.body);
    const int status = response.status;
    if (status >= 200 && status < 300) return outcome;
    if (status == 408 || status == 425 || status == 429 || status >= 500) {
      outcome.result = Result::kTryLater;
      const std::optional<absl::Duration> asked =
          ParseRetryAfter(response.Header("Retry-After"), clock_.Now());
      if (asked.has_value()) outcome.retry_after = std::min(*asked, kLongestWait);
      return outcome;
    }
    outcome.result = Result::kRefused;
    outcome.answer =
        absl::StrCat(outcome.answer.empty() ? "no text" : outcome.answer, "; ", WhatToDo(status));
    return outcome;
  }

  RedactingTransport http_;
  Clock& clock_;
};

}  // namespace

std::unique_ptr<Notifier> MakeWebhookNotifier(HttpTransport& http, Clock& clock) {
  return std::make_unique<WebhookNotifier>(http, clock);
}

}  // namespace logexport
