// What a supervisor does because other processes share the store.

#include <algorithm>
#include <utility>

#include "service/base/logging.h"
#include "service/base/status_macros.h"
#include "service/config/loaded_config.h"
#include "service/export/failure.h"
#include "service/runs/lifecycle.h"
#include "service/runs/supervisor.h"

namespace logexport {
namespace {

// How often calls to this process are looked for, and whether it still owns what it works for.
constexpr absl::Duration kLook = absl::Seconds(1);
constexpr int kCallsAtOnce = 1000;
// How soon it is noticed that this process may not believe any longer that it owns anything.
constexpr absl::Duration kLookAtTrust = absl::Milliseconds(500);
// While the service ends.
constexpr absl::Duration kGiveBackAgain = absl::Milliseconds(200);

}  // namespace

void Supervisor::WatchTrust(const std::stop_token& stop) {
  while (environment_.clock.SleepFor(kLookAtTrust, stop)) {
    Workers workers;
    {
      MutexLock lock(&mutex_);
      for (const auto& [exporter, worker] : workers_) workers.push_back(worker);
    }
    // In this order: a worker that begins now is for what is taken now.
    if (workers.empty() || !members_->OwnedNow().empty()) continue;
    for (const auto& worker : workers) worker->BeginStop();
    for (const auto& worker : workers) worker->Abandon();
  }
}

void Supervisor::ShareLoop(const std::stop_token& stop) {
  Clock& clock = environment_.clock;
  absl::Duration balance_at = clock.Monotonic();
  absl::Status said;
  while (!stop.stop_requested()) {
    std::stop_token look;
    {
      MutexLock lock(&mutex_);
      look_ = std::stop_source();
      look = look_.get_token();
    }
    if (stop.stop_requested()) return;
    absl::Status status;
    FollowOwnership();
    if (clock.Monotonic() >= balance_at) {
      status = Balance();
      // With jitter, so that the members do not look together.
      balance_at = clock.Monotonic() +
                   members_->timing().take_over * (0.5 + 0.5 * environment_.random.NextUnit());
    }
    if (status.ok()) status = AnswerCalls();
    if (!status.ok() && said.ok()) {
      LogError("cannot look what other members do and want", {{"error", status}});
    }
    said = status;
    const absl::Duration pause = std::min(kLook, balance_at - clock.Monotonic());
    if (!clock.SleepFor(std::max(pause, absl::ZeroDuration()), look)) {
      balance_at = clock.Monotonic();  // there may be something new to take
    }
  }
}

absl::Status Supervisor::Balance() {
  RETURN_IF_ERROR(share_->Balance());
  FollowOwnership();
  return absl::OkStatus();
}

absl::Status Supervisor::Interrupt(const std::string& exporter, std::int64_t epoch) {
  std::vector<RunRecord> interrupted;
  RETURN_IF_ERROR(environment_.store.Write([&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(const ConfigVersion version, tx.GetConfig(exporter));
    return InterruptUnfinished(tx, exporter, epoch, environment_.announcer,
                               LoadNotifications(version, environment_.secrets),
                               environment_.clock.Now(), &interrupted);
  }));
  for (const RunRecord& run : interrupted) {
    environment_.metrics.RunInterrupted(TriggerName(run.trigger));
    environment_.feed.Publish(run);
  }
  return absl::OkStatus();
}

void Supervisor::FollowOwnership() {
  const std::map<std::string, Members::Owned> owned = members_->OwnedNow();
  Workers ended;
  std::vector<std::string> lost;
  {
    MutexLock lock(&mutex_);
    for (const auto& [exporter, worker] : workers_) {
      if (owned.contains(exporter)) continue;
      lost.push_back(exporter);
      ended.push_back(worker);
    }
    for (const std::string& exporter : lost) workers_.erase(exporter);
  }
  absl::erase_if(begun_, [&](const auto& begun) { return !owned.contains(begun.first); });
  End(ended);
  for (const std::string& exporter : lost) {
    environment_.feed.ForgetUnfinished(exporter);
    environment_.components.Forget(exporter);
    environment_.metrics.Forget(exporter);
  }
  std::int64_t gained = 0;
  for (const auto& [exporter, what] : owned) {
    const auto begun = begun_.find(exporter);
    const std::shared_ptr<ExporterWorker> worker = Find(exporter);
    if (begun != begun_.end() && begun->second == what.epoch && worker != nullptr) continue;
    if (begun != begun_.end() && begun->second != what.epoch && worker != nullptr) {
      // It was lost and is ours again: what goes on there is of an epoch that is over.
      End({worker});
      environment_.feed.ForgetUnfinished(exporter);
      MutexLock lock(&mutex_);
      workers_.erase(exporter);
    }
    if (what.left_runs) {
      const absl::Status status = Interrupt(exporter, what.epoch);
      if (!status.ok()) {
        // Tried again with the next look, if the exporter is still ours and still there.
        if (CommitRefusalOf(status) == CommitRefusal::kNone && !absl::IsNotFound(status)) {
          LogError("cannot end the runs that were left unfinished",
                   {{"exporter", exporter}, {"error", status}});
        }
        continue;
      }
    }
    begun_[exporter] = what.epoch;
    ++gained;
    Wake(exporter);
  }
  if (!lost.empty() || gained > 0) {
    LogInfo("this process works for other exporters than before",
            {{"taken", gained},
             {"left", static_cast<std::int64_t>(lost.size())},
             {"owned", static_cast<std::int64_t>(owned.size())}});
  }
}

absl::Status Supervisor::AnswerCalls() {
  std::vector<OwnerCall> calls;
  RETURN_IF_ERROR(environment_.store.Read([&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(calls, tx.CallsToOwner(kCallsAtOnce));
    return absl::OkStatus();
  }));
  std::vector<std::int64_t> answered;
  for (const OwnerCall& call : calls) {
    // Of an exporter that is not begun with yet: later.
    const std::shared_ptr<ExporterWorker> worker = Find(call.exporter);
    if (worker == nullptr) continue;
    if (!call.cancelled_run.empty()) worker->StopRun(call.cancelled_run, StopReason::kCancelled);
    worker->Wake();
    answered.push_back(call.id);
  }
  if (answered.empty()) return absl::OkStatus();
  return environment_.store.Write([&](Transaction& tx) -> absl::Status {
    for (const std::int64_t id : answered) RETURN_IF_ERROR(tx.DropCall(id));
    return absl::OkStatus();
  });
}

bool Supervisor::CanReadSecrets(const std::string& exporter) {
  absl::Status status;
  const absl::Status read = environment_.store.Read([&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(const ExporterRecord record, tx.GetExporter(exporter));
    ASSIGN_OR_RETURN(const ConfigVersion version, tx.GetConfig(exporter));
    status = LoadSettings(record, version, /*message_generation=*/0, environment_.secrets).status();
    return absl::OkStatus();
  });
  // What else may be wrong with the settings, the runs will tell.
  if (!read.ok()) return false;
  return status.ok() || FailureOf(status).reason != FailureReason::kSecretUnreadable;
}

void Supervisor::Call(absl::string_view exporter, absl::string_view cancelled_run) {
  const absl::Status called = environment_.store.Write(
      [&](Transaction& tx) { return tx.CallOwner(exporter, cancelled_run); });
  // A repeated request can name an exporter that is gone by now.
  if (!called.ok() && !absl::IsNotFound(called)) {
    LogError("the owner of an exporter could not be called; it looks by itself within a minute",
             {{"exporter", exporter}, {"error", called}});
  }
  LookNow();
}

void Supervisor::LookNow() {
  MutexLock lock(&mutex_);
  look_.request_stop();
}

void Supervisor::GiveBackUntil(absl::Duration deadline) {
  if (const absl::Status drained = members_->Drain(); !drained.ok()) {
    LogWarning("other members could not be told that this one ends", {{"error", drained}});
    return;
  }
  for (;;) {
    std::vector<std::string> owned;
    for (const auto& [exporter, what] : members_->OwnedNow()) owned.push_back(exporter);
    if (owned.empty()) return;
    const absl::StatusOr<std::vector<std::string>> given =
        members_->GiveBack(owned, static_cast<std::int64_t>(owned.size()));
    if (!given.ok()) return;
    environment_.metrics.GaveBack("shutdown", static_cast<std::int64_t>(given->size()));
    if (members_->OwnedNow().empty() || environment_.clock.Monotonic() >= deadline) return;
    environment_.clock.SleepFor(kGiveBackAgain, std::stop_token());
  }
}

}  // namespace logexport
