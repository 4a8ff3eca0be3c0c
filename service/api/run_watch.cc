#include "service/api/run_watch.h"

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

constexpr int kMostWatchers = 64;
constexpr absl::Duration kHeartbeat = absl::Seconds(5);
// How soon a client that went away is noticed.
constexpr absl::Duration kPoll = absl::Milliseconds(200);
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

absl::Status ShuttingDown() {
  ApiError error;
  error.code = absl::StatusCode::kUnavailable;
  error.reason = "SHUTTING_DOWN";
  error.message = "the service is shutting down; watch again after it is back";
  error.retry_after = absl::Seconds(5);
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
                             absl::FunctionRef<bool()> cancelled,
                             absl::FunctionRef<bool(const v1::WatchRunResponse&)> write) {
  const absl::Cleanup leave = [this] { --watchers_; };
  if (++watchers_ > kMostWatchers) return TooManyWatchers();
  ASSIGN_OR_RETURN(RunRecord run, runs_.RunToWatch(request));

  Pace pace;
  const auto send = [&](v1::WatchPhase phase, bool lagged) {
    v1::WatchRunResponse message;
    message.set_sequence(run.commit_version);
    message.set_phase(phase);
    *message.mutable_report() = ToReport(run, /*with_types=*/true);
    message.set_lagged(lagged);
    pace.Fill(run, clock_.Now(), &message);
    if (run.state == RunState::kSucceeded) message.set_percent(100);
    return write(message);
  };

  std::int64_t published = 0;
  bool first = true;
  absl::Duration last_sent = clock_.Monotonic();
  for (;;) {
    if (IsFinished(run.state)) {
      send(v1::WATCH_PHASE_FINAL, false);
      return absl::OkStatus();
    }
    pace.See(run, clock_.Monotonic());
    // Someone who resumes has the snapshot already, unless there is a newer one.
    if (std::exchange(first, false) && run.commit_version >= request.after_sequence()) {
      if (!send(v1::WATCH_PHASE_SNAPSHOT, false)) return absl::OkStatus();
      last_sent = clock_.Monotonic();
    }
    const RunFeed::Update update = feed_.Wait(run.run_id, published, kPoll);
    if (cancelled()) return absl::CancelledError("the client ended the call");
    if (feed_.closed()) {
      if (update.run != nullptr && IsFinished(update.run->state)) {
        run = *update.run;
        continue;
      }
      return ShuttingDown();
    }
    if (update.run == nullptr) {
      // Not executing yet, or ended so long ago that only the store knows.
      v1::WatchRunRequest again = request;
      again.set_run_id(run.run_id);
      ASSIGN_OR_RETURN(run, runs_.RunToWatch(again));
      if (!IsFinished(run.state)) clock_.SleepFor(kPoll, {});
      continue;
    }
    const absl::Duration now = clock_.Monotonic();
    const bool news = update.published > published;
    run = *update.run;
    if (IsFinished(run.state)) continue;
    if (news && now - last_sent >= kPace) {
      const bool lagged = published > 0 && update.published > published + 1;
      published = update.published;
      if (!send(v1::WATCH_PHASE_PROGRESS, lagged)) return absl::OkStatus();
      last_sent = now;
    } else if (news) {
      clock_.SleepFor(kPace - (now - last_sent), {});
    } else if (now - last_sent >= kHeartbeat) {
      if (!send(v1::WATCH_PHASE_HEARTBEAT, false)) return absl::OkStatus();
      last_sent = now;
    }
  }
}

}  // namespace logexport
