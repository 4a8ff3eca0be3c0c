#include "service/runs/exporter_worker.h"

#include <algorithm>
#include <chrono>
#include <stop_token>
#include <utility>
#include <vector>

#include "service/export/run_lane.h"

namespace logexport {
namespace {

// More than the runs an exporter can have: one active and one queued in each of two lanes.
constexpr std::size_t kMostEarlyStops = 16;
// A run that waited longer for a place began when it got one.
constexpr absl::Duration kNoticedWait = absl::Seconds(1);

}  // namespace

ExporterWorker::ExporterWorker(std::string exporter, const RunEnvironment& environment)
    : exporter_(std::move(exporter)), environment_(environment) {}

ExporterWorker::~ExporterWorker() {
  BeginStop();
  Abandon();
  Join();
}

void ExporterWorker::Start() {
  Post(main_);
  Post(side_);
}

void ExporterWorker::Wake() {
  StopReadingAgain();
  {
    MutexLock lock(&mutex_);
    look_now_ = true;
  }
  Post(main_);
  Post(side_);
}

void ExporterWorker::StopRun(absl::string_view run_id, StopReason reason) {
  {
    MutexLock lock(&mutex_);
    for (Lane* lane : {&main_, &side_}) {
      if (lane->executing != nullptr && lane->run_id == run_id) {
        lane->executing->RequestStop(reason);
        return;
      }
    }
    early_stops_.emplace_back(std::string(run_id), reason);
    if (early_stops_.size() > kMostEarlyStops) early_stops_.pop_front();
  }
  HastenStopped(main_);
  HastenStopped(side_);
}

std::optional<std::vector<RunWait>> ExporterWorker::FillLive(RunRecord* run) const {
  MutexLock lock(&mutex_);
  for (const Lane* lane : {&main_, &side_}) {
    if (lane->executing != nullptr && lane->run_id == run->run_id) {
      return lane->executing->FillLive(run);
    }
    if (lane->found.has_value() && lane->found->run_id == run->run_id) {
      if (environment_.clock.Now() - lane->found_at <= kNoticedWait) return std::vector<RunWait>();
      RunWait wait;
      wait.target = Origin::kInternal;
      wait.since = lane->found_at;
      wait.for_place = true;
      return std::vector<RunWait>{wait};
    }
  }
  return std::nullopt;
}

void ExporterWorker::BeginStop() {
  {
    MutexLock lock(&mutex_);
    stopping_ = true;
    for (Lane* lane : {&main_, &side_}) {
      lane->wake.request_stop();
      if (lane->executing != nullptr) lane->executing->RequestStop(StopReason::kShutdown);
    }
  }
  HastenStopped(main_);
  HastenStopped(side_);
}

void ExporterWorker::Abandon() {
  MutexLock lock(&mutex_);
  abandoned_ = true;
  for (Lane* lane : {&main_, &side_}) {
    if (lane->executing != nullptr) lane->executing->Abandon();
  }
}

void ExporterWorker::Join() {
  {
    MutexLock lock(&mutex_);
    while (steps_ > 0) step_ended_.Wait(&mutex_);
  }
  // No step is left that could set them again.
  environment_.threads.timers.Cancel(&main_);
  environment_.threads.timers.Cancel(&side_);
}

void ExporterWorker::AwaitDone(absl::Duration timeout) {
  const auto now = [] {
    return absl::FromChrono(std::chrono::steady_clock::now().time_since_epoch());
  };
  const absl::Duration deadline = now() + timeout;
  MutexLock lock(&mutex_);
  while (steps_ > 0) {
    const absl::Duration left = deadline - now();
    if (left <= absl::ZeroDuration()) return;
    step_ended_.WaitFor(&mutex_, left);
  }
}

bool ExporterWorker::Owned() const {
  return environment_.store.CheckOwnership(exporter_, environment_.store.EpochOf(exporter_)).ok();
}

bool ExporterWorker::stopping() const {
  MutexLock lock(&mutex_);
  return stopping_;
}

bool ExporterWorker::StoppedEarly(absl::string_view run_id) const {
  return std::any_of(early_stops_.begin(), early_stops_.end(),
                     [&](const auto& stop) { return stop.first == run_id; });
}

void ExporterWorker::Post(Lane& lane) {
  {
    MutexLock lock(&mutex_);
    if (stopping_ || lane.at == Lane::At::kPosted) return;
    lane.wake.request_stop();
    if (lane.at != Lane::At::kRest) {
      lane.look_again = true;
      return;
    }
    lane.at = Lane::At::kPosted;
    ++steps_;
  }
  SubmitLook(lane);
}

void ExporterWorker::OnTimer(Lane& lane) {
  {
    MutexLock lock(&mutex_);
    // It was woken before, and sets the timer anew.
    if (stopping_ || lane.at != Lane::At::kRest) return;
    lane.at = Lane::At::kPosted;
    ++steps_;
  }
  SubmitLook(lane);
}

void ExporterWorker::SubmitLook(Lane& lane) {
  RunThreads& threads = environment_.threads;
  RunPool& pool = lane.which == RunLane::kMain ? threads.looks : threads.side_looks;
  pool.Submit(&lane, [this, &lane] { LookStep(lane); });
}

void ExporterWorker::LookStep(Lane& lane) {
  {
    MutexLock lock(&mutex_);
    lane.at = Lane::At::kLooking;
    lane.look_again = false;
  }
  if (!stopping()) {
    Next next = LookOrPause(lane);
    if (next.run.has_value()) {
      AwaitPlace(lane, *std::move(next.run));
    } else {
      Rest(lane, next.look_again);
    }
  }
  EndStep();
}

void ExporterWorker::Rest(Lane& lane, absl::Time look_again) {
  {
    MutexLock lock(&mutex_);
    if (stopping_) return;
    if (!lane.look_again) {
      lane.at = Lane::At::kRest;
      environment_.threads.timers.Set(&lane, look_again, [this, &lane] { OnTimer(lane); });
      return;
    }
    lane.at = Lane::At::kPosted;
    ++steps_;
  }
  SubmitLook(lane);
}

void ExporterWorker::AwaitPlace(Lane& lane, RunRecord run) {
  const bool gives_way = LaneOf(run.parameters.kind) == RunLane::kCompleteness;
  if (lane.which == RunLane::kMain) SetMainBusy(true);
  {
    MutexLock lock(&mutex_);
    lane.at = Lane::At::kWaiting;
    lane.found = std::move(run);
    lane.found_at = environment_.clock.Now();
    ++steps_;
  }
  if (gives_way) {
    // The pool may still ask when this worker is gone: then nobody listens any more.
    std::stop_source asked;
    environment_.threads.runs.SubmitGivingWay(
        &lane,
        [this, &lane, asked] {
          {
            const std::stop_callback listen(asked.get_token(), [this] { GiveWay(); });
            RunStep(lane);
          }
          EndStep();
        },
        [asked]() mutable { asked.request_stop(); });
  } else {
    environment_.threads.runs.Submit(&lane, [this, &lane] {
      RunStep(lane);
      EndStep();
    });
  }
  HastenStopped(lane);
}

void ExporterWorker::HastenStopped(Lane& lane) {
  {
    MutexLock lock(&mutex_);
    if (!lane.found.has_value() || !(stopping_ || StoppedEarly(lane.found->run_id))) return;
  }
  if (environment_.threads.runs.Withdraw(&lane)) {
    environment_.threads.stopped_runs.Submit(&lane, [this, &lane] {
      RunStep(lane);
      EndStep();
    });
  }
}

void ExporterWorker::RunStep(Lane& lane) {
  std::optional<RunRecord> run;
  {
    MutexLock lock(&mutex_);
    lane.at = Lane::At::kRunning;
    run = std::exchange(lane.found, std::nullopt);
    const absl::Time now = environment_.clock.Now();
    if (now - lane.found_at > kNoticedWait) run->started = now;
  }
  // What was queued behind it takes its turn among the runs of all exporters.
  if (std::optional<RunRecord> follower = Execute(lane, *std::move(run))) {
    AwaitPlace(lane, *std::move(follower));
  } else {
    if (lane.which == RunLane::kMain) SetMainBusy(false);
    bool look = false;
    {
      MutexLock lock(&mutex_);
      lane.at = Lane::At::kPosted;
      look = !stopping_;
      if (look) ++steps_;
    }
    if (look) SubmitLook(lane);
  }
}

void ExporterWorker::EndStep() {
  MutexLock lock(&mutex_);
  --steps_;
  step_ended_.NotifyAll();
}

}  // namespace logexport
