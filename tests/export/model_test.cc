#include <algorithm>
#include <atomic>
#include <map>
#include <optional>
#include <ostream>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "service/base/mutex.h"
#include "service/base/status_macros.h"
#include "tests/export/made_history.h"
#include "tests/export/pipeline.h"
#include "tests/support/random_seed.h"

// Any history of faults against a model: what a log is decides what must become of it, and where
// the checkpoint is decides what must have become of it by then.

namespace logexport {
namespace {

template <typename Fault>
Fault At(const std::vector<Fault>& faults, int call) {
  return static_cast<std::size_t>(call) < faults.size() ? faults[static_cast<std::size_t>(call)]
                                                        : Fault::kNone;
}

absl::Status Forbidden() {
  Failure failure;
  failure.origin = Origin::kAuth0;
  failure.kind = FailureClass::kPermanent;
  failure.reason = FailureReason::kAuth0Forbidden;
  return MakeFailure(failure);
}

// Exporter, tenant and Segment with a plan of faults, and what must hold for them at any time.
class World {
 public:
  explicit World(const Plan& plan) : fates_(plan.fates) {
    p_.on_commit = [this](const RunRecord& run) {
      if (!run.ledger.balanced()) Violated("a committed ledger does not add up");
      CheckSettled(run.checkpoint_after.id, "committed");
    };
    p_.tenant->before_read = [this](int) -> absl::Status {
      switch (At(run_.reads, reads_++)) {
        case ReadFault::kNone:
          return absl::OkStatus();
        case ReadFault::kTransient:
          return TransientFailure();
        case ReadFault::kForbidden:
          return Forbidden();
      }
      return absl::OkStatus();
    };
    p_.segment->before_accept = [this](int, const auto& ids) { return BeforeAccept(ids); };
    p_.segment->before_answer = [this](int, const auto& ids) { return BeforeAnswer(ids); };
  }

  void Run(const RunPlan& plan) {
    AddLogs(plan.new_logs);
    if (plan.stale_runner) RunStale();
    Begin(plan);
    const bool refused_before = SegmentIsKnownToRefuse();
    const std::set<std::string> poisoned = PoisonedDeadLetters();
    std::unique_ptr<ExportRun> run = Prepare(p_.store().EpochOf("default"));
    p_.store_fault = [this](absl::string_view operation) { return StoreFault(operation); };
    ExportRunResult result = run->Execute();
    run.reset();
    p_.store_fault = nullptr;
    const std::string run_id = result.run.run_id;
    if (dead_ || plan.dies_at_end) {
      p_.Reopen();
      Interrupt();
    } else {
      result.TakeStored(p_.Stored(run_id).commit_version);
      CheckEnd(result.run);
      p_.Finish(std::move(result));
    }
    CheckStored(run_id);
    if (refused_before && AcceptedNothing() && PoisonedDeadLetters() != poisoned) {
      Violated("dead letters were made while Segment had accepted nothing since a refusal");
    }
  }

  // Everything works again; a healthy log shows that Segment accepts.
  void Settle() {
    fates_.resize(std::max(fates_.size(), p_.tenant->ids().size()), Fate::kAccepted);
    fates_.resize(p_.tenant->ids().size());
    RunPlan clean;
    clean.new_logs = 1;
    clean.take = 7;
    clean.max_events = 5;
    clean.max_bytes = 300;
    clean.in_flight = 2;
    Run(clean);
    const std::vector<std::string> ids = p_.tenant->ids();
    const std::map<std::string, int> accepted = p_.segment->accepted();
    const std::set<std::string> dead = DeadLetterIds();
    if (p_.checkpoint().position.id != ids.back()) Violated("the last run did not reach the end");
    for (const std::string& id : ids) {
      if (Skipped(id)) continue;
      const Fate fate = FateOf(id);
      if (accepted.contains(id) != (fate == Fate::kAccepted)) Violated(id, " was not sent rightly");
      if (dead.contains(id) != (fate == Fate::kUnmappable || fate == Fate::kPoison)) {
        Violated(id, " is no dead letter rightly");
      }
    }
  }

  std::vector<std::string> violations() {
    MutexLock lock(&mutex_);
    return violations_;
  }

 private:
  void AddLogs(int count) {
    p_.tenant->AddLogs(count);
    for (const std::string& id : p_.tenant->ids()) {
      if (FateOf(id) == Fate::kFiltered) p_.mapper.filter.insert(id);
      if (FateOf(id) == Fate::kUnmappable) p_.mapper.reject.insert(id);
    }
  }

  Fate FateOf(const std::string& id) const {
    const std::size_t index = std::stoul(id.substr(2));
    return index < fates_.size() ? fates_[index] : Fate::kAccepted;
  }

  void Begin(const RunPlan& plan) {
    const std::string start = p_.checkpoint().position.id;
    MutexLock lock(&mutex_);
    run_ = plan;
    reads_ = 0;
    sends_ = 0;
    commits_ = 0;
    dead_ = false;
    moved_to_.reset();
    accepted_in_run_.clear();
    answer_lost_.clear();
    start_ = start;
    p_.segment->batch_limits = {static_cast<std::size_t>(plan.max_events),
                                static_cast<std::size_t>(plan.max_bytes)};
  }

  std::unique_ptr<ExportRun> Prepare(std::int64_t epoch) {
    return p_.Prepare([&](RunRecord& run, ExporterSettings& settings) {
      run.epoch = epoch;
      settings.auth0.batch_size = run_.take;
      settings.segment.max_in_flight = run_.in_flight;
    });
  }

  // A stale runner may send, with the ids that everybody uses, but not write.
  void RunStale() {
    RunPlan plan;
    plan.take = 5;
    plan.max_events = 4;
    plan.max_bytes = 300;
    plan.in_flight = 2;
    Begin(plan);
    const Checkpoint before = p_.checkpoint();
    const std::set<std::string> letters = DeadLetterIds();
    std::unique_ptr<ExportRun> stale = Prepare(p_.store().EpochOf("default") - 1);
    const RunRecord run = stale->Execute().run;
    if (run.stop_reason != StopReason::kLeaseLost) Violated("a stale runner did not notice");
    const Checkpoint after = p_.checkpoint();
    if (after.version != before.version || !(after.position == before.position) ||
        DeadLetterIds() != letters || p_.Stored(run.run_id).commit_version != 0) {
      Violated("a stale runner changed a row");
    }
    if (run.ledger.logs.settled() != 0) Violated("a stale runner claims to have settled logs");
    Interrupt();
  }

  // What the next owner of the store does with runs that never ended.
  void Interrupt() {
    const absl::Status status = p_.store().Write([](Transaction& tx) -> absl::Status {
      ASSIGN_OR_RETURN(std::vector<RunRecord> unfinished, tx.UnfinishedRuns("default"));
      for (RunRecord& run : unfinished) {
        run.state = RunState::kFailed;
        run.stop_reason = StopReason::kInterrupted;
        RETURN_IF_ERROR(tx.UpdateRun(run));
      }
      return absl::OkStatus();
    });
    if (!status.ok()) Violated(status.ToString());
  }

  absl::Status BeforeAccept(const std::vector<std::string>& ids) {
    int send = 0;
    {
      MutexLock lock(&mutex_);
      if (dead_) return BadKey();
      send = sends_++;
    }
    if (run_.move.has_value() && run_.move->at_send == send) MoveCheckpoint(run_.move->to);
    for (const std::string& id : ids) {
      if (id <= start_) Violated(id, " was sent again though the checkpoint had passed it");
      if (FateOf(id) == Fate::kPoison) return RefusedBatch();
    }
    if (run_.segment_goes_down && send >= static_cast<int>(run_.sends.size())) {
      return TransientFailure();
    }
    switch (At(run_.sends, send)) {
      case SendFault::kTransient:
        return TransientFailure();
      case SendFault::kBadKey:
        return BadKey();
      case SendFault::kAnswerLost: {
        MutexLock lock(&mutex_);
        answer_lost_.insert(ids.begin(), ids.end());
        lost_answers_.insert(ids.front());
        return absl::OkStatus();
      }
      case SendFault::kNone:
        break;
    }
    return absl::OkStatus();
  }

  absl::Status BeforeAnswer(const std::vector<std::string>& ids) {
    MutexLock lock(&mutex_);
    for (const std::string& id : ids) {
      if (++accepted_in_run_[id] > 1 && !answer_lost_.contains(id)) {
        violations_.push_back(absl::StrCat(id, " was sent twice without need"));
      }
    }
    return lost_answers_.erase(ids.front()) > 0 ? TransientFailure() : absl::OkStatus();
  }

  void MoveCheckpoint(int to) {
    const std::vector<std::string> ids = p_.tenant->ids();
    if (to >= static_cast<int>(ids.size())) to = static_cast<int>(ids.size()) - 1;
    const std::string target = to < 0 ? "id" : ids[static_cast<std::size_t>(to)];
    const absl::Status status = p_.store().Write([&](Transaction& tx) -> absl::Status {
      ASSIGN_OR_RETURN(const Checkpoint before, tx.GetCheckpoint("default"));
      {
        MutexLock lock(&mutex_);
        for (const std::string& id : ids) {
          if (id > before.position.id && id <= target) skipped_.insert(id);
        }
      }
      return tx
          .SetCheckpoint("default", {Position::Kind::kAfter, target, {}}, p_.clock.Now(),
                         {"op", true, ""})
          .status();
    });
    if (status.ok()) {
      MutexLock lock(&mutex_);
      moved_to_ = target;
    } else if (!dead_) {
      Violated(status.ToString());
    }
  }

  absl::Status StoreFault(absl::string_view operation) {
    // A transaction is one thread's.
    thread_local bool fails_at_the_end = false;
    thread_local absl::Status answer;
    MutexLock lock(&mutex_);
    if (operation == "Committed") return std::exchange(answer, absl::OkStatus());
    if (operation == "Commit" && !answer.ok()) return absl::OkStatus();
    if (dead_) return absl::DataLossError("the process is gone");
    if (operation == "Commit" && std::exchange(fails_at_the_end, false)) {
      return absl::UnavailableError("database is locked");
    }
    if (operation != "CommitProgress") return absl::OkStatus();
    const int commit = commits_++;
    if (run_.dies_at_commit == commit) {
      dead_ = true;
      if (!run_.dies_after_it) return absl::DataLossError("the process is gone");
      answer = absl::DataLossError("the process is gone");
      return absl::OkStatus();
    }
    switch (At(run_.commits, commit)) {
      case CommitFault::kNone:
        break;
      case CommitFault::kLocked:
        return absl::UnavailableError("database is locked");
      case CommitFault::kLockedAtTheEnd:
        fails_at_the_end = true;
        break;
      case CommitFault::kAnswerLost:
        answer = absl::UnavailableError("the connection broke");
        break;
      case CommitFault::kCorruptAfter:
        answer = absl::DataLossError("the file is damaged");
        break;
      case CommitFault::kCorrupt:
        return absl::DataLossError("the file is damaged");
    }
    return absl::OkStatus();
  }

  // Nothing at or below `checkpoint` is lost.
  void CheckSettled(const std::string& checkpoint, absl::string_view when) {
    const std::map<std::string, int> accepted = p_.segment->accepted();
    const std::set<std::string> dead = DeadLetterIds();
    MutexLock lock(&mutex_);
    for (const std::string& id : p_.tenant->ids()) {
      if (id > checkpoint) break;
      if (skipped_.contains(id) || accepted.contains(id) || dead.contains(id)) continue;
      if (FateOf(id) == Fate::kFiltered) continue;
      violations_.push_back(absl::StrCat(id, " is lost at ", checkpoint, " as ", when));
    }
  }

  // The run's account is that of exactly the logs which its checkpoint passed.
  void CheckAccount(const RunRecord& run, absl::string_view when) {
    LogCounts expected;
    expected.fetched = run.ledger.logs.fetched;
    for (const std::string& id : p_.tenant->ids()) {
      if (id <= run.checkpoint_before.id || id > run.checkpoint_after.id) continue;
      const Fate fate = FateOf(id);
      expected.accepted += fate == Fate::kAccepted;
      expected.filtered += fate == Fate::kFiltered;
      expected.dead_lettered += fate == Fate::kUnmappable || fate == Fate::kPoison;
    }
    if (!(run.ledger.logs == expected)) Violated(when, ": the ledger is not that of the stretch");
    if (!run.ledger.balanced()) Violated(when, ": the ledger does not add up");
    if (run.ledger.accepted_ahead > run.ledger.unsettled) Violated(when, ": too much ahead");
  }

  void CheckEnd(const RunRecord& run) {
    CheckAccount(run, "at the end");
    LogCounts types;
    for (const auto& [type, counts] : run.ledger.by_type) types += counts;
    if (!(types == run.ledger.logs)) Violated("the types do not add up to the ledger");
    const std::vector<std::string> ids = p_.tenant->ids();
    const auto next = std::upper_bound(ids.begin(), ids.end(), run.checkpoint_after.id);
    if (run.ledger.unsettled > 0 && (next == ids.end() || run.first_unsettled != *next)) {
      Violated("first_unsettled is ", run.first_unsettled);
    }
    const bool moved = MovedTo().has_value();
    if (!moved && run.stop_reason == StopReason::kCheckpointMoved) Violated("nobody moved it");
    if (run.stop_reason == StopReason::kLeaseLost) Violated("nobody took the lease");
    if (!moved && p_.checkpoint().position.id != run.checkpoint_after.id) {
      Violated("the record is of ", run.checkpoint_after.id, ", the checkpoint at ",
               p_.checkpoint().position.id);
    }
  }

  void CheckStored(const std::string& run_id) {
    const RunRecord stored = p_.Stored(run_id);
    CheckAccount(stored, "as stored");
    const std::string checkpoint = p_.checkpoint().position.id;
    if (checkpoint != MovedTo().value_or(stored.checkpoint_after.id)) {
      Violated("the checkpoint is at ", checkpoint, ", set to ", MovedTo().value_or("nothing"),
               ", and by the stored run to ", stored.checkpoint_after.id);
    }
    CheckSettled(checkpoint, "stored");
  }

  bool Skipped(const std::string& id) {
    MutexLock lock(&mutex_);
    return skipped_.contains(id);
  }

  // Where somebody set the checkpoint during the run.
  std::optional<std::string> MovedTo() {
    MutexLock lock(&mutex_);
    return moved_to_;
  }

  std::set<std::string> DeadLetterIds() {
    std::set<std::string> ids;
    const absl::Status status = p_.store().Read([&](Transaction& tx) -> absl::Status {
      DeadLetterFilter filter;
      filter.exporter = "default";
      ASSIGN_OR_RETURN(const std::vector<DeadLetter> letters,
                       tx.ListDeadLetters(filter, 10'000, ""));
      for (const DeadLetter& letter : letters) ids.insert(letter.log_id);
      return absl::OkStatus();
    });
    if (!status.ok()) Violated(status.ToString());
    return ids;
  }

  std::set<std::string> PoisonedDeadLetters() {
    std::set<std::string> ids = DeadLetterIds();
    std::erase_if(ids, [&](const std::string& id) { return FateOf(id) != Fate::kPoison; });
    return ids;
  }

  // Whether Segment refused the last thing that it was sent and that is on record.
  bool SegmentIsKnownToRefuse() {
    bool refuses = false;
    const absl::Status status = p_.store().Read([&](Transaction& tx) -> absl::Status {
      ASSIGN_OR_RETURN(const ExporterRecord record, tx.GetExporter("default"));
      refuses = !record.refused_by.empty();
      return absl::OkStatus();
    });
    if (!status.ok()) Violated(status.ToString());
    return refuses;
  }

  bool AcceptedNothing() {
    MutexLock lock(&mutex_);
    return accepted_in_run_.empty();
  }

  template <typename... Parts>
  void Violated(const Parts&... parts) {
    MutexLock lock(&mutex_);
    violations_.push_back(absl::StrCat(parts...));
  }

  Pipeline p_;
  std::vector<Fate> fates_;
  RunPlan run_;
  std::string start_;
  std::atomic<int> reads_ = 0;
  std::atomic<bool> dead_ = false;
  Mutex mutex_;
  int sends_ ABSL_GUARDED_BY(mutex_) = 0;
  int commits_ ABSL_GUARDED_BY(mutex_) = 0;
  std::optional<std::string> moved_to_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, int> accepted_in_run_ ABSL_GUARDED_BY(mutex_);
  std::set<std::string> answer_lost_ ABSL_GUARDED_BY(mutex_);   // ids in such batches
  std::set<std::string> lost_answers_ ABSL_GUARDED_BY(mutex_);  // by the batch's first id
  std::set<std::string> skipped_ ABSL_GUARDED_BY(mutex_);       // by whoever set the checkpoint
  std::vector<std::string> violations_ ABSL_GUARDED_BY(mutex_);
};

RC_GTEST_PROP(ExportModel, NoHistoryOfFaultsLosesALogOrMiscountsIt, ()) {
  const Plan plan = *AnyPlan();
  World world(plan);
  for (const RunPlan& run : plan.runs) {
    world.Run(run);
    const std::vector<std::string> violations = world.violations();
    if (!violations.empty()) RC_FAIL(absl::StrJoin(violations, "\n"));
  }
  world.Settle();
  const std::vector<std::string> violations = world.violations();
  if (!violations.empty())
    RC_FAIL(absl::StrCat("in the last run:\n", absl::StrJoin(violations, "\n")));
}

}  // namespace
}  // namespace logexport
