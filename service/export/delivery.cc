#include "service/export/delivery.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"

#include "service/base/crash_point.h"
#include "service/export/failure.h"

namespace logexport {
namespace {

// So few refused events are the events' own fault whatever their share.
constexpr std::int64_t kRefusalsAlwaysAllowed = 10;
constexpr std::int64_t kRefusedPercentAllowed = 5;

constexpr char kRefusedBatch[] = "SEGMENT_REFUSED_BATCH";
constexpr char kTooLarge[] = "SEGMENT_TOO_LARGE";

bool IsRefusal(const absl::Status& status, absl::string_view reason) {
  return !status.ok() && FailureOf(status).reason == reason;
}

absl::Status TooManyRefused(std::int64_t refused, std::int64_t events, absl::string_view words) {
  Failure failure;
  failure.origin = Origin::kSegment;
  failure.kind = FailureClass::kRefused;
  failure.reason = "SEGMENT_REFUSES";
  failure.message = absl::StrCat("Segment refused ", refused, " of ", events,
                                 " events, so the cause is not in single events; it said: ", words);
  failure.action =
      "Check segment.endpoint, segment.write_key and segment.mapping. Nothing was skipped: the "
      "next "
      "run tries the same logs again.";
  return MakeFailure(failure);
}

}  // namespace

Delivery::Delivery(RunQueue& queue, RunAccount& account, RetryLoop& retry, RunBudget& budget,
                   EventSink* sink, CallContext calls)
    : queue_(queue),
      account_(account),
      retry_(retry),
      budget_(budget),
      sink_(sink),
      calls_(std::move(calls)) {}

void Delivery::Run() {
  while (const std::shared_ptr<Batch> batch = queue_.NextBatch()) {
    events_taken_ += batch->event_count;
    const absl::Status status = Deliver(*batch, 0, batch->entries.size());
    CrashPoint("after_send");
    if (status.ok()) budget_.Progressed();
    if (!status.ok()) {
      const Failure failure = FailureOf(status);
      if (failure.reason == "SEGMENT_REFUSES") {
        queue_.FailAsRefused(status);
      } else if (failure.kind != FailureClass::kStopped) {
        // Also a limit, which ends a run as RATE_LIMITED when it is the source's: there it means
        // that fewer logs were admitted, here that admitted ones are unsettled, and a run with such
        // is no success.
        queue_.Fail(StopReason::kError, status, /*at_once=*/false);
      }
    }
    queue_.Finished(batch, status.ok());
  }
}

void Delivery::JudgeRefusals() {
  if (OneLogIsAtFault()) queue_.BelieveRefusals();
}

void Delivery::JudgeRefusalsSoFar() {
  if (OneLogIsAtFault()) queue_.PassRefusals();
}

bool Delivery::OneLogIsAtFault() {
  if (accepts_ || logs_refused_ == 0) return false;
  if (logs_refused_ == 1) return true;
  MutexLock lock(&mutex_);
  queue_.FailAsRefused(TooManyRefused(events_refused_, events_taken_, last_refusal_));
  return false;
}

absl::Status Delivery::Deliver(Batch& batch, std::size_t begin, std::size_t end) {
  const auto pending = [&](std::size_t i) {
    return batch.entries[i].outcome == BatchEntry::Outcome::kPending;
  };
  while (begin < end && !pending(begin)) ++begin;
  while (begin < end && !pending(end - 1)) --end;
  if (begin == end) return absl::OkStatus();

  const std::size_t first_byte = batch.entries[begin].offset;
  const std::size_t last_byte = batch.entries[end - 1].offset + batch.entries[end - 1].size;
  const absl::string_view events =
      absl::string_view(batch.events).substr(first_byte, last_byte - first_byte);
  std::int64_t count = 0;
  for (std::size_t i = begin; i < end; ++i) count += pending(i) ? batch.entries[i].events : 0;
  const auto waiting =
      std::count_if(batch.entries.begin() + static_cast<std::ptrdiff_t>(begin),
                    batch.entries.begin() + static_cast<std::ptrdiff_t>(end),
                    [](const BatchEntry& e) { return e.outcome == BatchEntry::Outcome::kPending; });
  absl::Status status = Send(events, count);
  if (waiting == 1 && IsRefusal(status, kTooLarge)) status = SendShortened(events, count, status);
  if (status.ok()) {
    for (std::size_t i = begin; i < end; ++i) {
      if (pending(i)) batch.entries[i].outcome = BatchEntry::Outcome::kAccepted;
    }
    if (!accepts_.exchange(true)) queue_.BelieveRefusals();
    return status;
  }
  if (!IsRefusal(status, kRefusedBatch) && !IsRefusal(status, kTooLarge)) return status;
  if (waiting == 1) return Refuse(batch, begin, status);
  std::size_t middle = begin;
  for (auto left = waiting / 2; left > 0; ++middle) left -= pending(middle);
  if (absl::Status left = Deliver(batch, begin, middle); !left.ok()) return left;
  return Deliver(batch, middle, end);
}

absl::Status Delivery::Send(absl::string_view events, std::int64_t count) {
  if (sink_ == nullptr) return absl::OkStatus();
  ++account_.batches;
  return retry_.Run(queue_.attempt_stop(), [&](int attempt) {
    ++account_.segment_calls;
    account_.bytes_sent += static_cast<std::int64_t>(events.size());
    CrashPoint("before_send");
    return sink_->Send(events, count, attempt, calls_);
  });
}

absl::Status Delivery::SendShortened(absl::string_view events, std::int64_t count,
                                     const absl::Status& refusal) {
  const std::optional<std::string> shorter = sink_->Shorten(events, events.size() / 2);
  if (!shorter.has_value()) return refusal;
  absl::Status status = Send(*shorter, count);
  if (status.ok()) account_.WarnTruncated();
  return status;
}

absl::Status Delivery::Refuse(Batch& batch, std::size_t entry, const absl::Status& refusal) {
  const Failure failure = FailureOf(refusal);
  const std::int64_t refused = events_refused_ += batch.entries[entry].events;
  ++logs_refused_;
  const std::int64_t events = events_taken_;
  if (refused > std::max(kRefusalsAlwaysAllowed, events * kRefusedPercentAllowed / 100)) {
    return TooManyRefused(refused, events, failure.message);
  }
  {
    MutexLock lock(&mutex_);
    last_refusal_ = failure.message;
  }
  batch.entries[entry].outcome = BatchEntry::Outcome::kRefused;
  batch.has_refused = true;
  batch.dead_letters.emplace_back(
      entry, MakeDeadLetter(*batch.entries[entry].log,
                            failure.reason == kTooLarge ? "EVENT_TOO_LARGE" : "SEGMENT_REJECTED",
                            failure.message));
  return absl::OkStatus();
}

}  // namespace logexport
