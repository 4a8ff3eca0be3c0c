#include "service/segment/answer.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "service/base/shown_text.h"
#include "service/base/utf8.h"
#include "service/export/failure.h"
#include "service/http/header_time.h"
#include "service/json/json_value.h"

namespace logexport {
namespace {

// Longer waits are asked for by servers that are broken, or hostile.
constexpr absl::Duration kLongestWait = absl::Minutes(5);
constexpr std::size_t kMaxWordsBytes = 300;

constexpr char kCheckEndpoint[] =
    "Check that segment.endpoint (SEGMENT_ENDPOINT) names Segment's API or another one like it, "
    "and "
    "that no proxy answers in its place.";

absl::Status Fail(FailureClass kind, FailureReason reason, std::string message,
                  absl::string_view action,
                  std::optional<absl::Duration> retry_after = std::nullopt) {
  Failure failure;
  failure.origin = Origin::kSegment;
  failure.kind = kind;
  failure.reason = reason;
  failure.message = std::move(message);
  failure.action = std::string(action);
  failure.retry_after = retry_after;
  return MakeFailure(failure);
}

bool SaysAccepted(absl::string_view body) {
  body = absl::StripAsciiWhitespace(body);
  if (body == "OK") return true;
  const absl::StatusOr<JsonValue> answer = JsonValue::Parse(body);
  return answer.ok() && ((*answer)["success"].Bool() || (*answer)["ok"].Bool());
}

// The message in a JSON body, as Segment and RudderStack write them, or the body as it is.
std::string MessageIn(absl::string_view body) {
  const absl::StatusOr<JsonValue> answer = JsonValue::Parse(body);
  if (answer.ok()) {
    for (const absl::string_view key : {"message", "error", "msg"}) {
      const JsonValue& message = (*answer)[key];
      if (message.is_string()) return message.String();
    }
  }
  return std::string(body);
}

std::string Words(const HttpResponse& response) {
  const std::string words = BlankHidden(ReplaceInvalidUtf8(MessageIn(response.body)));
  const absl::string_view trimmed = absl::StripAsciiWhitespace(words);
  const absl::string_view kept = TruncateUtf8(trimmed, kMaxWordsBytes);
  if (kept.empty()) return "with an empty body";
  return absl::StrCat("saying \"", kept, kept.size() < trimmed.size() ? "…\"" : "\"");
}

// How long the answer asks to wait, if it does. Segment's X-RateLimit-Reset is a number of seconds.
std::optional<absl::Duration> RetryAfter(const HttpResponse& response, absl::Time now) {
  std::optional<absl::Duration> wait = ParseRetryAfter(response.Header("Retry-After"), now);
  if (!wait.has_value()) wait = ParseRetryAfter(response.Header("X-RateLimit-Reset"), now);
  if (!wait.has_value()) return std::nullopt;
  return std::clamp(*wait, absl::ZeroDuration(), kLongestWait);
}

bool IsTransient(int status) {
  // 460 is Segment's own; 410 comes from its load balancers.
  if (status == 408 || status == 410 || status == 460) return true;
  return status >= 500 && status != 501 && status != 505;
}

absl::Status CredentialsRejected(int status, std::string message) {
  constexpr FailureReason kReason = FailureReason::kSegmentCredentialsRejected;
  if (status == 404) {
    return Fail(FailureClass::kPermanent, kReason, std::move(message),
                "Check segment.endpoint (SEGMENT_ENDPOINT), to which /v1/batch is added, and that "
                "the source is enabled.");
  }
  return Fail(
      FailureClass::kPermanent, kReason, std::move(message),
      "Check segment.write_key (SEGMENT_KEY): it must be the write key of an enabled source "
      "at segment.endpoint (SEGMENT_ENDPOINT).");
}

}  // namespace

absl::Status JudgeAnswer(const HttpResponse& response, absl::Time now) {
  const int status = response.status;
  if (status == 200 && SaysAccepted(response.body)) return absl::OkStatus();
  const std::string answered =
      absl::StrCat("Segment answered ", status, ", ", Words(response), ".");
  if (status < 400) {
    return Fail(FailureClass::kTransient, FailureReason::kSegmentUnexpectedResponse,
                absl::StrCat(answered, " That is not how it accepts events."), kCheckEndpoint);
  }
  if (IsTransient(status)) {
    return Fail(FailureClass::kTransient, FailureReason::kSegmentUnavailable, answered,
                "Nothing, if it passes; status.segment.com tells of outages.",
                RetryAfter(response, now));
  }
  switch (status) {
    case 400:
      return Fail(FailureClass::kPermanent, FailureReason::kSegmentRefusedBatch, answered,
                  "See the dead letters for the events it would not take.");
    case 413:
      return Fail(FailureClass::kPermanent, FailureReason::kSegmentTooLarge, answered,
                  "Nothing: the batch is sent in smaller parts.");
    case 401:
    case 403:
    case 404:
      return CredentialsRejected(status, answered);
    case 429:
      return Fail(
          FailureClass::kLimited, FailureReason::kSegmentRateLimited, answered,
          "Nothing was skipped: the next run sends the same logs again. If it meets the limit, "
          "too, lower segment.max_events_per_second (SEGMENT_MAX_EVENTS_PER_SECOND), which "
          "should leave room for the other sources of the workspace: they share the limit.",
          RetryAfter(response, now));
    default:
      return Fail(FailureClass::kPermanent, FailureReason::kSegmentRefuses, answered,
                  kCheckEndpoint);
  }
}

absl::Status JudgeNoAnswer(const absl::Status& error) {
  const std::string message =
      absl::StrCat("No answer from Segment: ",
                   absl::string_view(error.message().data(), error.message().size()));
  constexpr FailureReason kReason = FailureReason::kSegmentUnavailable;
  switch (error.code()) {
    case absl::StatusCode::kCancelled:
      return Fail(FailureClass::kStopped, FailureReason::kStopped, "Sending was stopped.", "");
    case absl::StatusCode::kFailedPrecondition:
      return Fail(
          FailureClass::kPermanent, kReason, message,
          "Check segment.endpoint (SEGMENT_ENDPOINT); if a proxy signs in its place, name its "
          "authority with --ca-file.");
    case absl::StatusCode::kInvalidArgument:
      return Fail(FailureClass::kPermanent, kReason, message,
                  "Set segment.endpoint (SEGMENT_ENDPOINT) to US, EU, or an https:// URL.");
    case absl::StatusCode::kResourceExhausted:
      return Fail(FailureClass::kTransient, FailureReason::kSegmentUnexpectedResponse, message,
                  kCheckEndpoint);
    default:
      return Fail(FailureClass::kTransient, kReason, message,
                  "Check the network, and HTTPS_PROXY if there is one; status.segment.com tells of "
                  "outages.");
  }
}

}  // namespace logexport
