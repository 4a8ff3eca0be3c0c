#include "service/control/run_watch.h"

#include <algorithm>
#include <deque>
#include <optional>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"

#include "logexport/v1/run.pb.h"
#include "service/base/status_macros.h"
#include "service/control/api_error.h"
#include "service/control/report_message.h"

namespace logexport {
namespace {

constexpr int kMostWatchers = 128;
constexpr absl::Duration kHeartbeat = absl::Seconds(5);
// How soon a client that went away is noticed.
constexpr absl::Duration kPoll = absl::Milliseconds(200);
// How often the store is asked for a run that another process executes.
constexpr absl::Duration kReadStore = absl::Seconds(1);
// Messages are sent no more often than this.
constexpr absl::Duration kPace = absl::Milliseconds(100);
// Rates are taken over so much of the past.
constexpr absl::Duration kRateSpan = absl::Seconds(10);

absl::Status TooManyWatchers() {
  ApiError error;
  error.code = absl::StatusCode::kResourceExhausted;
  error.reason = "TOO_MANY_WATCHERS";
  error.message = absl::StrCat(kMostWatchers, " runs are being watched already; use GetReport");
  error.retry_after = absl::Seconds(10);
  return MakeApiError(error);
}

// How fast a run goes and how long it may still take, from what was seen of it.
class Pace {
 public:
  void See(const RunRecord& run, absl::Duration now) {
    seen_.push_back({now, run.ledger.logs.settled(), run.last_log_time});
    while (seen_.size() > 2 && now - seen_.front().at > kRateSpan) seen_.pop_front();
  }

  void Fill(const RunRecord& run, absl::Time now, v1::WatchRunResponse* message) const {
    if (seen_.size() < 2) return;
    const Seen& first = seen_.front();
    const Seen& last = seen_.back();
    const absl::Duration span = last.at - first.at;
    if (span <= absl::ZeroDuration()) return;
    message->set_logs_per_second(static_cast<double>(last.settled - first.settled) /
                                 absl::ToDoubleSeconds(span));
    // Logs come about in the order of their times: what is left is the time up to now, or to the
    // end of the window.
    const absl::Time goal =
        run.parameters.window.has_value() ? std::min(run.parameters.window->end, now) : now;
    if (!run.first_log_time.has_value() || !last.log_time.has_value()) return;
    const absl::Duration whole = goal - *run.first_log_time;
    const absl::Duration done = *last.log_time - *run.first_log_time;
    if (whole <= absl::ZeroDuration()) return;
    message->set_percent(std::clamp(absl::FDivDuration(done, whole), 0.0, 1.0) * 100);
    if (!first.log_time.has_value() || *last.log_time <= *first.log_time) return;
    const double speed = absl::FDivDuration(*last.log_time - *first.log_time, span);
    *message->mutable_eta() =
        ToProto(std::max(goal - *last.log_time, absl::ZeroDuration()) / speed);
  }

 private:
  struct Seen {
    absl::Duration at;
    std::int64_t settled;
    std::optional<absl::Time> log_time;
  };
  std::deque<Seen> seen_;
};

}  // namespace

absl::Status RunWatch::Watch(const v1::WatchRunRequest& request,
                             absl::FunctionRef<absl::Status()> check,
                             absl::FunctionRef<bool(const v1::WatchRunResponse&)> write) {
  const absl::Cleanup leave = [this] { --watchers_; };
  if (++watchers_ > kMostWatchers) return TooManyWatchers();
  ASSIGN_OR_RETURN(RunRecord run, runs_.RunToWatch(request));

  Pace pace;
  // What the message before said, in this watch or in the one that it resumes.
  std::optional<std::int64_t> told;
  if (request.after_sequence() > 0) told = request.after_sequence();
  RunState told_state = run.state;
  absl::Duration last_sent = clock_.Monotonic();
  const auto send = [&](v1::WatchPhase phase) {
    v1::WatchRunResponse message;
    message.set_sequence(run.commit_version);
    message.set_phase(phase);
    *message.mutable_report() = runs_.ReportNow(run);
    message.set_lagged(told.has_value() && run.commit_version > *told + 1);
    pace.Fill(run, clock_.Now(), &message);
    if (run.state == RunState::kSucceeded) message.set_percent(100);
    told = run.commit_version;
    told_state = run.state;
    last_sent = clock_.Monotonic();
    return write(message);
  };

  std::int64_t published = 0;
  absl::Duration read_store = -absl::InfiniteDuration();
  bool first = true;
  for (;;) {
    if (IsFinished(run.state)) {
      send(v1::WATCH_PHASE_FINAL);
      return absl::OkStatus();
    }
    pace.See(run, clock_.Monotonic());
    if (std::exchange(first, false) && !send(v1::WATCH_PHASE_SNAPSHOT)) return absl::OkStatus();
    const RunFeed::Update update = feed_.Wait(run.run_id, published, kPoll);
    RETURN_IF_ERROR(check());
    if (feed_.closed()) {
      if (update.run != nullptr && IsFinished(update.run->state)) {
        run = *update.run;
        continue;
      }
      return ShuttingDown();
    }
    if (update.run == nullptr) {
      // Not executing yet, executing elsewhere, or ended so long ago that only the store knows.
      published = 0;
      if (clock_.Monotonic() >= read_store) {
        v1::WatchRunRequest again = request;
        again.set_run_id(run.run_id);
        ASSIGN_OR_RETURN(run, runs_.RunToWatch(again));
        if (IsFinished(run.state)) continue;
        if (run.state == RunState::kRunning) read_store = clock_.Monotonic() + kReadStore;
        const bool committed = run.commit_version > told.value_or(0);
        const bool silent = clock_.Monotonic() - last_sent >= kHeartbeat;
        if ((committed || silent || run.state != told_state) &&
            !send(committed ? v1::WATCH_PHASE_PROGRESS : v1::WATCH_PHASE_HEARTBEAT)) {
          return absl::OkStatus();
        }
      }
      clock_.SleepFor(kPoll, {});
      continue;
    }
    run = *update.run;
    if (IsFinished(run.state)) continue;
    const absl::Duration silence = clock_.Monotonic() - last_sent;
    const bool committed = run.commit_version > *told;
    if (!committed && run.state == told_state && silence < kHeartbeat) {
      published = update.published;
    } else if (silence < kPace) {
      clock_.SleepFor(kPace - silence, {});
    } else {
      published = update.published;
      if (!send(committed ? v1::WATCH_PHASE_PROGRESS : v1::WATCH_PHASE_HEARTBEAT)) {
        return absl::OkStatus();
      }
    }
  }
}

}  // namespace logexport
