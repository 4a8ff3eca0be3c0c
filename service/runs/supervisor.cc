#include "service/runs/supervisor.h"

#include <utility>
#include <vector>

#include "service/base/logging.h"
#include "service/base/status_macros.h"
#include "service/config/loaded_config.h"
#include "service/runs/lifecycle.h"

namespace logexport {
namespace {

// How often a wait for the end of a run looks at its deadline and, for a run that the feed does not
// know, at the store.
constexpr absl::Duration kLookAgain = absl::Milliseconds(20);
constexpr absl::Duration kLookAgainElsewhere = absl::Milliseconds(300);

}  // namespace

Supervisor::Supervisor(const RunEnvironment& environment)
    : environment_(environment), members_(environment.store.members()) {
  if (members_ != nullptr) {
    share_.emplace(*members_, environment.clock, environment.metrics,
                   [this](const std::string& exporter) { return CanReadSecrets(exporter); });
  }
}

Supervisor::~Supervisor() { Shutdown(absl::ZeroDuration()); }

absl::Status Supervisor::Start() {
  if (members_ != nullptr) {
    RETURN_IF_ERROR(Balance());
    MutexLock lock(&mutex_);
    thread_ = std::jthread([this](const std::stop_token& stop) { ShareLoop(stop); });
    trust_ = std::jthread([this](const std::stop_token& stop) { WatchTrust(stop); });
    return absl::OkStatus();
  }
  std::vector<ExporterRecord> exporters;
  std::vector<RunRecord> interrupted;
  RETURN_IF_ERROR(environment_.store.Write([&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(exporters, tx.ListExporters());
    for (const ExporterRecord& exporter : exporters) {
      ASSIGN_OR_RETURN(const std::vector<RunRecord> unfinished, tx.UnfinishedRuns(exporter.id));
      if (unfinished.empty()) continue;
      ASSIGN_OR_RETURN(const ConfigVersion version, tx.GetConfig(exporter.id));
      RETURN_IF_ERROR(InterruptUnfinished(tx, exporter.id, environment_.store.EpochOf(exporter.id),
                                          environment_.announcer,
                                          LoadNotifications(version, environment_.secrets),
                                          environment_.clock.Now(), &interrupted));
    }
    return absl::OkStatus();
  }));
  for (const RunRecord& run : interrupted) {
    environment_.metrics.RunInterrupted(TriggerName(run.trigger));
  }
  for (const ExporterRecord& exporter : exporters) Wake(exporter.id);
  return absl::OkStatus();
}

std::shared_ptr<ExporterWorker> Supervisor::Find(absl::string_view exporter) {
  MutexLock lock(&mutex_);
  const auto it = workers_.find(exporter);
  return it == workers_.end() ? nullptr : it->second;
}

void Supervisor::Wake(absl::string_view exporter) {
  if (!Owns(exporter)) return Call(exporter, "");
  std::shared_ptr<ExporterWorker> worker;
  {
    MutexLock lock(&mutex_);
    if (shut_down_) return;
    std::shared_ptr<ExporterWorker>& slot = workers_[std::string(exporter)];
    if (slot == nullptr) {
      // A repeated request can name an exporter that is gone by now. The lock keeps Remove from
      // coming between the look and the start; no transaction takes this lock.
      const absl::Status found = environment_.store.Read(
          [&](Transaction& tx) { return tx.GetExporter(exporter).status(); });
      if (absl::IsNotFound(found)) {
        workers_.erase(std::string(exporter));
        return;
      }
      // Its series exist from the start, at 0.
      environment_.metrics.OfExporter(exporter);
      slot = std::make_shared<ExporterWorker>(std::string(exporter), environment_);
      slot->Start();
    }
    worker = slot;
  }
  worker->Wake();
}

void Supervisor::Remove(absl::string_view exporter) {
  std::shared_ptr<ExporterWorker> worker;
  {
    MutexLock lock(&mutex_);
    const auto it = workers_.find(exporter);
    if (it == workers_.end()) return;
    worker = std::move(it->second);
    workers_.erase(it);
  }
  worker->BeginStop();
  worker->Abandon();
  worker->Join();
  environment_.components.Forget(exporter);
  environment_.metrics.Forget(exporter);
}

void Supervisor::StopRun(absl::string_view exporter, absl::string_view run_id, StopReason reason) {
  if (!Owns(exporter)) return Call(exporter, run_id);
  std::shared_ptr<ExporterWorker> worker = Find(exporter);
  if (worker == nullptr) {
    // The exporter was created just now, and its worker does not exist yet.
    Wake(exporter);
    worker = Find(exporter);
  }
  if (worker != nullptr) worker->StopRun(run_id, reason);
}

std::vector<RunWait> Supervisor::FillLive(RunRecord* run) {
  if (run->state != RunState::kRunning) return {};
  const std::shared_ptr<ExporterWorker> worker = Find(run->exporter);
  if (worker == nullptr) return {};
  return worker->FillLive(run).value_or(std::vector<RunWait>());
}

bool Supervisor::AwaitRunEnd(absl::string_view exporter, absl::string_view run_id,
                             absl::Duration deadline) {
  std::int64_t seen = 0;
  for (;;) {
    const RunFeed::Update update =
        environment_.feed.Wait(run_id, seen, kLookAgain, /*watches=*/false);
    if (update.run != nullptr && IsFinished(update.run->state)) return true;
    if (update.run == nullptr) {
      RunState state = RunState::kRunning;
      const absl::Status read = environment_.store.Read([&](Transaction& tx) -> absl::Status {
        ASSIGN_OR_RETURN(const RunRecord run, tx.GetRun(exporter, run_id));
        state = run.state;
        return absl::OkStatus();
      });
      if (!read.ok() || IsFinished(state)) return read.ok();
      environment_.clock.SleepFor(Owns(exporter) ? kLookAgain : kLookAgainElsewhere,
                                  std::stop_token());
    }
    seen = update.published;
    if (environment_.feed.closed() || environment_.clock.Monotonic() >= deadline) return false;
  }
}

std::optional<RateBudget> Supervisor::Budget(absl::string_view exporter) {
  const std::shared_ptr<ExporterComponents> components = environment_.components.Find(exporter);
  if (components == nullptr) return std::nullopt;
  const RateBudget budget = components->source->rate_budget();
  return budget.limit > 0 ? std::optional<RateBudget>(budget) : std::nullopt;
}

void Supervisor::Shutdown(absl::Duration grace) {
  {
    // Joined when the lock is given back.
    std::jthread thread;
    std::jthread trust;
    MutexLock lock(&mutex_);
    thread = std::move(thread_);
    trust = std::move(trust_);
    thread.request_stop();
    look_.request_stop();
  }
  Workers workers;
  bool first = false;
  {
    MutexLock lock(&mutex_);
    first = !std::exchange(shut_down_, true);
    for (auto& [id, worker] : workers_) workers.push_back(std::move(worker));
    workers_.clear();
  }
  for (const auto& worker : workers) worker->BeginStop();
  const absl::Duration deadline = environment_.clock.Monotonic() + grace;
  if (members_ != nullptr && first) GiveBackUntil(deadline);
  for (const auto& worker : workers) {
    worker->AwaitDone(deadline - environment_.clock.Monotonic());
  }
  End(workers);
}

void Supervisor::End(const Workers& workers) {
  for (const auto& worker : workers) worker->BeginStop();
  for (const auto& worker : workers) worker->Abandon();
  for (const auto& worker : workers) worker->Join();
}

}  // namespace logexport
