#include "service/export/fetcher.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"

#include "service/base/crash_point.h"
#include "service/base/status_macros.h"
#include "service/base/time_text.h"
#include "service/export/failure.h"
#include "service/export/log.h"

namespace logexport {
namespace {

// The shortest retention of any Auth0 plan (docs: Log Data Retention, Starter).
constexpr absl::Duration kShortestRetention = absl::Hours(24);
// How much younger than the checkpoint the first log must be to look like a gap.
constexpr absl::Duration kGap = absl::Hours(1);

// Ids that are so far ahead of the source's time are worth a warning.
constexpr absl::Duration kTellsOfWrongClock = absl::Minutes(1);

// So many bytes of dead letters are decoded at once, or one that is larger: decoding takes a
// multiple of them, and a log may have 8 MB.
constexpr std::size_t kRedriveBytes = 1'000'000;

// Pages that one run reads again. How far they were read is recorded at its end, so a run that is
// broken off costs as many requests once more.
constexpr int kPagesReadAgain = 100;

std::optional<absl::Time> TimeOf(const Log& log) {
  const std::optional<absl::Time> by_id = TimeOfLogId(log.id);
  return by_id.has_value() ? by_id : log.credible_date();
}

absl::Status BudgetUsedUp() {
  Failure failure;
  failure.origin = Origin::kAuth0;
  failure.kind = FailureClass::kLimited;
  failure.reason = FailureReason::kAuth0RateLimited;
  failure.message = "the tenant's rate limit leaves no room within the run's time";
  failure.action = "Nothing to do: the next run goes on from the checkpoint.";
  return MakeFailure(failure);
}

}  // namespace

Fetcher::Fetcher(RunStop& stop, StageQueue& queue, RunAccount& account, RetryLoop& retry,
                 RunBudget& budget, LogSource& source, Store& store, StretchReader* stretches,
                 FetcherOptions options)
    : stop_(stop),
      queue_(queue),
      account_(account),
      retry_(retry),
      budget_(budget),
      source_(source),
      store_(store),
      stretches_(stretches),
      options_(std::move(options)) {}

std::optional<Position> Fetcher::resolved() const {
  MutexLock lock(&mutex_);
  return resolved_;
}

std::optional<absl::Time> Fetcher::caught_up_at() const {
  MutexLock lock(&mutex_);
  return caught_up_at_;
}

void Fetcher::Run() {
  End end;
  switch (options_.parameters.kind) {
    case RunKind::kRedrive:
      end = FetchDeadLetters();
      break;
    case RunKind::kCompleteness:
      end = FetchLateLogs();
      break;
    case RunKind::kExport:
    case RunKind::kDryRun:
    case RunKind::kWindow:
      end = FetchLogs();
      break;
  }
  stop_.EndFetch(end.reason, end.status);
  queue_.EndPages();
}

absl::Status Fetcher::Call(absl::FunctionRef<absl::Status()> call, RunStep::Kind step) {
  bool used_up = false;
  const auto within_budget = [&](int) -> absl::Status {
    const absl::Duration wait = source_.WaitForBudget(options_.calls.lane);
    if (wait > absl::ZeroDuration() &&
        !retry_.WaitOnLimit(Origin::kAuth0, wait, stop_.fetch_stop())) {
      used_up = true;
      return absl::CancelledError();  // nothing that the retry loop would wait for
    }
    return call();
  };
  const absl::Status status =
      retry_.Run(stop_.fetch_stop(), within_budget, RetryLoop::First::kUnlessStopped, {step, 0});
  return used_up ? BudgetUsedUp() : status;
}

absl::StatusOr<Page> Fetcher::Read(absl::FunctionRef<absl::StatusOr<Page>()> read) {
  Page page;
  RETURN_IF_ERROR(Call(
      [&]() -> absl::Status {
        ASSIGN_OR_RETURN(page, read());
        return absl::OkStatus();
      },
      RunStep::Kind::kReadPage));
  ++account_.pages;
  CrashPoint("after_fetch");
  return page;
}

Fetcher::End Fetcher::EndFor(const absl::Status& status) {
  const bool limited = FailureOf(status).kind == FailureClass::kLimited;
  return {limited ? StopReason::kRateLimited : StopReason::kError, status};
}

std::optional<Fetcher::End> Fetcher::Hand(Page page) {
  if (!page.logs.empty() && !queue_.PushPage(std::move(page))) return End{};
  if (budget_.TimeIsUp()) return End{StopReason::kTimeBudget, absl::OkStatus()};
  return std::nullopt;
}

Fetcher::End Fetcher::FetchLogs() {
  Position position = options_.start;
  if (!position.resolved()) {
    const absl::Status asked = Call([&]() -> absl::Status {
      ASSIGN_OR_RETURN(position, source_.Resolve(position, options_.calls));
      return absl::OkStatus();
    });
    if (!asked.ok()) return EndFor(asked);
  }
  {
    MutexLock lock(&mutex_);
    resolved_ = position;
    // The tenant has no logs yet.
    if (!position.resolved()) caught_up_at_ = source_.Now();
  }
  if (!position.resolved()) return {StopReason::kCaughtUp, absl::OkStatus()};
  bool first = true;
  if (position.kind == Position::Kind::kAt) {
    absl::StatusOr<Page> page = Read([&] { return source_.ReadOne(position.id, options_.calls); });
    if (!page.ok()) return EndFor(page.status());
    first = false;
    if (auto end = Hand(*std::move(page))) return *std::move(end);
  }
  if (options_.start_is_named && options_.start.kind == Position::Kind::kAfter) {
    const absl::Status read = NoticeUnknownStart(options_.start.id);
    if (!read.ok()) return EndFor(read);
  }
  const std::unique_ptr<PageWalk> walk = source_.Walk(position.id, options_.take, options_.calls);
  for (;;) {
    absl::StatusOr<Page> page = Read([&] { return walk->Next(); });
    if (!page.ok()) return EndFor(page.status());
    if (std::exchange(first, false)) NoticeGap(*page);
    const bool at_head = page->logs.empty() || page->left_out_young;
    const bool at_window_end = PassedWindow(*page);
    NoticeLogsAhead(*page);
    if (at_head) {
      MutexLock lock(&mutex_);
      caught_up_at_ = page->as_of.value_or(source_.Now());
    }
    if (auto end = Hand(*std::move(page))) return *std::move(end);
    if (at_head || at_window_end) return {StopReason::kCaughtUp, absl::OkStatus()};
  }
}

absl::Status Fetcher::NoticeUnknownStart(const std::string& id) {
  if (IsSyntheticLogId(id)) return absl::OkStatus();
  absl::Status read = Call([&] { return source_.ReadOne(id, options_.calls).status(); });
  if (read.ok()) return read;
  const Failure failure = FailureOf(read);
  if (failure.reason != FailureReason::kAuth0LogNotFound) {
    // What else may be wrong with this log is no reason not to read those after it.
    return failure.kind == FailureClass::kPermanent ? absl::OkStatus() : read;
  }
  account_.Warn("START_LOG_UNKNOWN",
                absl::StrCat("the export starts after the log ", id,
                             ", which Auth0 does not have: it may be mistyped, or too old. Look "
                             "whether the first log exported is the one you want"));
  return absl::OkStatus();
}

void Fetcher::NoticeLogsAhead(const Page& page) {
  if (page.left_out_ahead < kTellsOfWrongClock) return;
  account_.Warn(
      "CLOCK_SKEW",
      absl::StrCat("logs wait whose ids are ",
                   absl::FormatDuration(absl::Trunc(page.left_out_ahead, absl::Seconds(1))),
                   " ahead of the time that Auth0's answers tell; they are exported "
                   "when that time has come"));
}

bool Fetcher::PassedWindow(const Page& page) const {
  if (!options_.parameters.window.has_value() || page.logs.empty()) return false;
  const std::optional<absl::Time> time = TimeOf(page.logs.back());
  return time.has_value() && *time > options_.parameters.window->end + options_.window_lateness;
}

void Fetcher::NoticeGap(const Page& first) {
  if (options_.parameters.kind != RunKind::kExport || !options_.complete_until.has_value()) return;
  const absl::Duration kept =
      options_.retention > absl::ZeroDuration() ? options_.retention : kShortestRetention;
  if (first.logs.empty() || *options_.complete_until > source_.Now() - kept) return;
  const std::optional<absl::Time> oldest = TimeOf(first.logs.front());
  if (!oldest.has_value() || *oldest - *options_.complete_until < kGap) return;
  account_.Warn(
      "RETENTION_GAP",
      absl::StrCat("the logs until ", FormatTimestamp(*options_.complete_until),
                   " were read, the first log after them is of ", FormatTimestamp(*oldest),
                   ": Auth0 may have dropped logs between them"));
}

Fetcher::End Fetcher::FetchLateLogs() {
  for (int i = 0; i < kPagesReadAgain; ++i) {
    const auto due = stretches_->NextDue(source_.Now());
    if (!due.ok()) return {StopReason::kError, StoreFailure(due.status())};
    if (!due->has_value()) break;
    const StretchToRead& stretch = **due;
    absl::StatusOr<Page> page =
        Read([&] { return source_.ReadAfter(stretch.after, options_.take, options_.calls); });
    if (!page.ok()) return EndFor(page.status());
    const absl::Status kept = stretches_->KeepLate(stretch, &*page);
    if (!kept.ok()) return {StopReason::kError, StoreFailure(kept)};
    if (auto end = Hand(*std::move(page))) return *std::move(end);
  }
  return {StopReason::kCaughtUp, absl::OkStatus()};
}

Fetcher::End Fetcher::FetchDeadLetters() {
  DeadLetterFilter filter;
  filter.exporter = options_.exporter;
  filter.log_ids = options_.parameters.dead_letter_ids;
  filter.reasons = options_.parameters.dead_letter_reasons;
  filter.types = options_.parameters.dead_letter_types;
  // One that fails again is recorded anew under the same id, and so does not come round.
  std::string after;
  for (;;) {
    std::vector<std::string> ids;
    const absl::Status read = store_.Read([&](Transaction& tx) -> absl::Status {
      ASSIGN_OR_RETURN(ids, tx.ListDeadLetterIds(filter, options_.take, after));
      return absl::OkStatus();
    });
    if (!read.ok()) return {StopReason::kError, StoreFailure(read)};
    if (ids.empty()) return {StopReason::kCaughtUp, absl::OkStatus()};
    after = ids.back();

    std::string logs;
    for (const std::string& id : ids) {
      if (auto end = RedriveOne(id, &logs)) return *std::move(end);
    }
    if (auto end = HandRead(&logs)) return *std::move(end);
  }
}

std::optional<Fetcher::End> Fetcher::RedriveOne(const std::string& id, std::string* logs) {
  std::vector<DeadLetter> letters;
  const absl::Status read = store_.Read([&](Transaction& tx) -> absl::Status {
    DeadLetterFilter one;
    one.exporter = options_.exporter;
    one.log_ids = {id};
    ASSIGN_OR_RETURN(letters, tx.ListDeadLetters(one, 1, ""));
    return absl::OkStatus();
  });
  if (!read.ok()) return End{StopReason::kError, StoreFailure(read)};
  if (letters.empty()) return std::nullopt;  // purged meanwhile
  const DeadLetter& letter = letters.front();
  // Of a log too large to be read whole only the id was kept.
  if (letter.reason == "LOG_TOO_LARGE") {
    absl::StatusOr<Page> page = Read([&] { return source_.ReadOne(id, options_.calls); });
    if (FailureOf(page.status()).reason == FailureReason::kAuth0LogNotFound) {
      account_.Warn("LOG_GONE",
                    "dead letters could not be redriven: Auth0 no longer has their logs, of "
                    "which only the id was kept; purge them");
      return std::nullopt;
    }
    if (!page.ok()) return EndFor(page.status());
    return Hand(*std::move(page));
  }
  if (logs->size() + letter.raw.size() > kRedriveBytes) {
    if (auto end = HandRead(logs)) return end;
  }
  absl::StrAppend(logs, logs->empty() ? "" : ",", letter.raw);
  return std::nullopt;
}

std::optional<Fetcher::End> Fetcher::HandRead(std::string* logs) {
  if (logs->empty()) return std::nullopt;
  absl::StatusOr<Page> page = source_.Decode(absl::StrCat("[", *logs, "]"));
  logs->clear();
  if (!page.ok()) return EndFor(page.status());
  return Hand(*std::move(page));
}

}  // namespace logexport
