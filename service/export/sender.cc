#include "service/export/sender.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"

#include "service/base/crash_point.h"
#include "service/export/failure.h"

namespace logexport {
namespace {

// So few refused events are the events' own fault whatever their share.
constexpr std::int64_t kRefusalsAlwaysAllowed = 10;
constexpr std::int64_t kRefusedPercentAllowed = 5;

bool IsFor(const absl::Status& status, FailureReason reason) {
  return !status.ok() && FailureOf(status).reason == reason;
}

absl::Status RefusesAll(std::string message) {
  Failure failure;
  failure.origin = Origin::kSegment;
  failure.kind = FailureClass::kPermanent;
  failure.reason = FailureReason::kSegmentRefuses;
  failure.message = std::move(message);
  failure.action =
      "Check segment.endpoint, segment.write_key and segment.mapping. Nothing was skipped: the "
      "next run tries the same logs again.";
  return MakeFailure(failure);
}

absl::Status TooManyRefused(std::int64_t refused, std::int64_t events, absl::string_view words) {
  return RefusesAll(
      absl::StrCat("Segment refused ", refused, " of ", events,
                   " events, so the cause is not in single events; it said: ", words));
}

absl::Status RefusedAgain(absl::string_view words) {
  return RefusesAll(
      absl::StrCat("Segment refused another event and has accepted none since the "
                   "one it refused before, so the cause is not in single events; it "
                   "said: ",
                   words));
}

}  // namespace

Sender::Sender(RunStop& stop, StageQueue& queue, SharedSettlement& settlement,
               FreeList<std::string>& buffers, RefusalMemory& refusals, RunAccount& account,
               RetryLoop& retry, RunBudget& budget, const Store& store, std::string exporter,
               std::int64_t epoch, EventSink* sink, CallContext calls)
    : stop_(stop),
      queue_(queue),
      settlement_(settlement),
      buffers_(buffers),
      refusals_(refusals),
      account_(account),
      retry_(retry),
      budget_(budget),
      store_(store),
      exporter_(std::move(exporter)),
      epoch_(epoch),
      sink_(sink),
      calls_(std::move(calls)) {}

void Sender::Run() {
  while (const std::shared_ptr<Batch> batch = queue_.NextBatch()) {
    events_taken_ += batch->event_count;
    const absl::Status status = SendRange(*batch, 0, batch->entries.size());
    CrashPoint("after_send");
    if (status.ok()) {
      budget_.Progressed();
      // What is kept until the prefix passes the batch is only its account.
      buffers_.Give(std::exchange(batch->events, std::string()));
    } else if (const Failure failure = FailureOf(status);
               failure.reason == FailureReason::kSegmentRefuses) {
      FailAsRefusing(status);
    } else if (failure.kind != FailureClass::kStopped) {
      // This includes limits of the sink. A limit of the source only means that fewer logs were
      // admitted; this one leaves admitted logs unsettled, so the run is no success.
      stop_.Fail(StopReasonOfCommit(status), status, /*at_once=*/false);
    }
    queue_.Finished(batch, status.ok());
  }
}

void Sender::JudgeRefusals() {
  if (OneLogIsAtFault()) settlement_.BelieveRefusals();
}

void Sender::JudgeRefusalsSoFar() {
  if (OneLogIsAtFault()) settlement_.PassRefusals();
}

bool Sender::OneLogIsAtFault() {
  if (accepts_ || logs_refused_ == 0) return false;
  if (logs_refused_ == 1 && !refusals_.refused_before()) return true;
  std::string words;
  {
    MutexLock lock(&mutex_);
    words = last_refusal_;
  }
  FailAsRefusing(logs_refused_ > 1 ? TooManyRefused(events_refused_, events_taken_, words)
                                   : RefusedAgain(words));
  return false;
}

void Sender::FailAsRefusing(const absl::Status& status) {
  settlement_.TakeBackRefusals();
  stop_.Fail(StopReason::kError, status, /*at_once=*/false);
}

absl::Status Sender::SendRange(Batch& batch, std::size_t begin, std::size_t end) {
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
  if (waiting == 1 && IsFor(status, FailureReason::kSegmentTooLarge))
    status = SendShortened(events, count, status);
  if (status.ok()) {
    for (std::size_t i = begin; i < end; ++i) {
      if (pending(i)) batch.entries[i].outcome = BatchEntry::Outcome::kAccepted;
    }
    if (sink_ != nullptr) refusals_.Accepted();
    if (!accepts_.exchange(true)) settlement_.BelieveRefusals();
    return status;
  }
  if (!IsFor(status, FailureReason::kSegmentRefusedBatch) &&
      !IsFor(status, FailureReason::kSegmentTooLarge))
    return status;
  if (waiting == 1) return TakeRefusal(batch, begin, status);
  std::size_t middle = begin;
  for (auto left = waiting / 2; left > 0; ++middle) left -= pending(middle);
  if (absl::Status left = SendRange(batch, begin, middle); !left.ok()) return left;
  return SendRange(batch, middle, end);
}

absl::Status Sender::Send(absl::string_view events, std::int64_t count) {
  if (sink_ == nullptr) return absl::OkStatus();
  absl::Status status =
      retry_.Run(stop_.attempt_stop(),
                 [&](int attempt) {
                   // Another process may be sending the same logs by now.
                   const absl::Status owned = store_.CheckOwnership(exporter_, epoch_);
                   if (!owned.ok()) return StoreFailure(owned);
                   ++account_.segment_calls;
                   account_.bytes_sent += static_cast<std::int64_t>(events.size());
                   CrashPoint("before_send");
                   return sink_->Send(events, count, attempt, calls_);
                 },
                 RetryLoop::First::kUnlessStopped, {RunStep::Kind::kSendBatch, count});
  if (status.ok()) ++account_.batches;
  return status;
}

absl::Status Sender::SendShortened(absl::string_view events, std::int64_t count,
                                   const absl::Status& refusal) {
  const std::optional<std::string> shorter = sink_->Shorten(events, events.size() / 2);
  if (!shorter.has_value()) return refusal;
  absl::Status status = Send(*shorter, count);
  if (status.ok()) account_.WarnTruncated();
  return status;
}

absl::Status Sender::TakeRefusal(Batch& batch, std::size_t entry, const absl::Status& refusal) {
  const Failure failure = FailureOf(refusal);
  refusals_.Refused();
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
                            failure.reason == FailureReason::kSegmentTooLarge ? "EVENT_TOO_LARGE"
                                                                              : "SEGMENT_REJECTED",
                            failure.message));
  return absl::OkStatus();
}

}  // namespace logexport
