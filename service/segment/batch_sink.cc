#include "service/segment/batch_sink.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

#include "service/base/free_list.h"
#include "service/base/mutex.h"
#include "service/base/quoted_text.h"
#include "service/base/time_text.h"
#include "service/export/failure.h"
#include "service/http/gzip.h"
#include "service/http/peer_clock.h"
#include "service/segment/answer.h"
#include "service/segment/event_limits.h"
#include "service/segment/rate_limiter.h"

namespace logexport {
namespace {

constexpr absl::Duration kAttemptTimeout = absl::Seconds(30);
constexpr std::size_t kMaxAnswerBytes = 64 * 1024;
// A Date header has whole seconds, and is older than its arrival.
constexpr absl::Duration kBelievedSkew = absl::Seconds(3);

absl::Status Stopped() {
  Failure failure;
  failure.origin = Origin::kSegment;
  failure.kind = FailureClass::kStopped;
  failure.reason = FailureReason::kStopped;
  failure.message = "Sending was stopped.";
  return MakeFailure(failure);
}

absl::Status WaitTooLong(absl::Duration wait) {
  Failure failure;
  failure.origin = Origin::kSegment;
  failure.kind = FailureClass::kLimited;
  failure.reason = FailureReason::kSegmentRateLimited;
  failure.message = absl::StrCat("segment.max_events_per_second asks to wait for ",
                                 absl::FormatDuration(wait), ", longer than the run may take.");
  failure.action =
      "Nothing was skipped: the next run goes on. Raise segment.max_events_per_second, or "
      "run.max_duration.";
  failure.retry_after = wait;
  return MakeFailure(failure);
}

// What one batch is compressed with. Kept from one to the next: it grows to about a megabyte.
struct Compression {
  std::string whole;
  std::string compressed;
  GzipCompressor gzip;
};

class SegmentSink final : public EventSink {
 public:
  SegmentSink(const SegmentSettings& settings, HttpTransport& transport, Clock& clock)
      : url_(absl::StrCat(settings.base_url, "/v1/batch")),
        write_key_(settings.write_key),
        authorization_(absl::StrCat("Basic ", absl::Base64Escape(settings.write_key + ":"))),
        gzip_(settings.gzip),
        events_per_second_(settings.max_events_per_second),
        transport_(transport),
        clock_(clock),
        receiver_clock_(clock),
        limiter_(settings.max_events_per_second) {
    suffix_ = "\",\"writeKey\":";
    AppendJsonString(write_key_, &suffix_);
    suffix_ += "}";
  }

  BatchLimits limits() const override {
    BatchLimits limits;
    // A batch larger than a second's allowance would delay the batches behind it.
    if (events_per_second_ > 0) {
      limits.max_events = std::min(limits.max_events, static_cast<std::size_t>(events_per_second_));
    }
    return limits;
  }

  absl::Status Send(absl::string_view events, std::int64_t count, int attempt,
                    const CallContext& context) override {
    if (absl::Status waited = WaitForTurn(count, context); !waited.ok()) return waited;
    return Deliver(events, attempt, context);
  }

  std::optional<std::string> Shorten(absl::string_view events,
                                     std::size_t max_bytes) const override {
    return ShortenEvents(events, max_bytes);
  }

  absl::Status Probe(const CallContext& context) override {
    absl::Status status = Deliver("", 0, context);
    // An empty batch may be refused for being empty; the credentials are right all the same.
    if (!status.ok() && FailureOf(status).reason == FailureReason::kSegmentRefusedBatch) {
      return absl::OkStatus();
    }
    return status;
  }

 private:
  absl::Status WaitForTurn(std::int64_t count, const CallContext& context) {
    const absl::Duration now = clock_.Monotonic();
    absl::Duration wait;
    {
      const MutexLock lock(&limiter_mutex_);
      wait = limiter_.Book(count, now);
    }
    if (wait == absl::ZeroDuration()) return absl::OkStatus();
    const bool too_long = now + wait > context.deadline;
    if (!too_long && clock_.SleepUntil(now + wait, context.stop)) return absl::OkStatus();
    {
      const MutexLock lock(&limiter_mutex_);
      limiter_.Return(count);
    }
    return too_long ? WaitTooLong(wait) : Stopped();
  }

  absl::Status Deliver(absl::string_view events, int attempt, const CallContext& context) {
    constexpr absl::string_view kStart = "{\"batch\":[";
    const std::string end = absl::StrCat("],\"sentAt\":\"", FormatTimestamp(SentAt()), suffix_);
    if (!gzip_) return Post({kStart, events, end}, attempt, context);
    std::unique_ptr<Compression> compression =
        compressions_.Take().value_or(std::make_unique<Compression>());
    compression->whole.clear();
    absl::StrAppend(&compression->whole, kStart, events, end);
    compression->gzip.Compress(compression->whole, &compression->compressed);
    absl::Status status = Post({compression->compressed}, attempt, context);
    compressions_.Give(std::move(compression));
    return status;
  }

  absl::Status Post(std::vector<absl::string_view> body, int attempt, const CallContext& context) {
    const absl::Duration left = context.deadline - clock_.Monotonic();
    if (left <= absl::ZeroDuration()) {
      return JudgeNoAnswer(absl::DeadlineExceededError("the time for the call is up"));
    }
    HttpRequest request;
    request.method = HttpMethod::kPost;
    request.url = url_;
    request.purpose = "segment/batch";
    request.headers = {{"Content-Type", "application/json"}, {"Authorization", authorization_}};
    if (gzip_) request.headers.push_back({"Content-Encoding", "gzip"});
    // As Segment's own libraries say it.
    if (attempt > 0) request.headers.push_back({"X-Retry-Count", absl::StrCat(attempt)});
    request.body = body.front();
    request.more_body.assign(body.begin() + 1, body.end());
    request.timeout = std::min(kAttemptTimeout, left);
    request.max_response_bytes = kMaxAnswerBytes;
    // With the colon as the user name and password of Basic authentication, encoded together.
    request.secrets = {write_key_, absl::StrCat(write_key_, ":")};
    request.stop = context.stop;
    const absl::Duration asked = clock_.Monotonic();
    const absl::StatusOr<HttpResponse> response = transport_.Issue(request);
    if (!response.ok()) return JudgeNoAnswer(response.status());
    receiver_clock_.Observe(*response, asked);
    return JudgeAnswer(*response, receiver_clock_.Now());
  }

  // The host's time is the more precise one as long as the receiver does not contradict it.
  absl::Time SentAt() const {
    const bool believed = absl::AbsDuration(receiver_clock_.Skew()) <= kBelievedSkew;
    return believed ? clock_.Now() : receiver_clock_.Now();
  }

  const std::string url_;
  const std::string write_key_;
  const std::string authorization_;
  const bool gzip_;
  const std::int64_t events_per_second_;
  std::string suffix_;
  HttpTransport& transport_;
  Clock& clock_;
  PeerClock receiver_clock_;
  // As many as batches were ever compressed at once.
  FreeList<std::unique_ptr<Compression>> compressions_;
  Mutex limiter_mutex_;
  RateLimiter limiter_ ABSL_GUARDED_BY(limiter_mutex_);
};

}  // namespace

std::unique_ptr<EventSink> MakeSegmentSink(const SegmentSettings& settings,
                                           HttpTransport& transport, Clock& clock) {
  return std::make_unique<SegmentSink>(settings, transport, clock);
}

}  // namespace logexport
