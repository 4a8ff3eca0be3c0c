#ifndef LOGEXPORT_SERVICE_RUNS_LIFECYCLE_H_
#define LOGEXPORT_SERVICE_RUNS_LIFECYCLE_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "service/base/random.h"
#include "service/export/export_run.h"
#include "service/export/settings.h"
#include "service/runs/announcements.h"
#include "service/state/records.h"
#include "service/state/transaction.h"

namespace logexport {

// How runs come into being and are put on record, as steps inside a transaction. Per exporter there
// is at most one active run that moves the checkpoint and one other; a further one may be queued.

// Who may run beside whom: runs of one lane exclude each other.
enum class RunLane { kMain, kSide };
inline RunLane LaneOf(RunKind kind) {
  return kind == RunKind::kExport ? RunLane::kMain : RunLane::kSide;
}

enum class OnActive { kReject, kJoin, kQueue };
enum class Disposition { kStarted, kJoined, kQueued };

struct RunOrder {
  std::string exporter;
  RunParameters parameters;
  Trigger trigger = Trigger::kManual;
  Audit audit;
  OnActive on_active = OnActive::kReject;
};

struct OrderedRun {
  RunRecord run;
  Disposition disposition = Disposition::kStarted;
};

// Adds the run as RUNNING if its lane is free; else joins, queues or refuses as `on_active` says
// (ABORTED: RUN_ALREADY_ACTIVE, RUN_ALREADY_QUEUED). The worker is to be woken after the commit.
absl::StatusOr<OrderedRun> OrderRun(Transaction& tx, const RunOrder& order, std::int64_t epoch,
                                    absl::Time now, Random& random);

// The active run of that lane, if there is one.
absl::StatusOr<std::optional<RunRecord>> ActiveRun(Transaction& tx, absl::string_view exporter,
                                                   RunLane lane);

// Makes the lane's queued run RUNNING, if there is one and no run is active.
absl::StatusOr<std::optional<RunRecord>> PromoteQueued(Transaction& tx, absl::string_view exporter,
                                                       RunLane lane, std::int64_t epoch,
                                                       absl::Time now);

// Puts an ended run on record: the run, the exporter's account of its runs, the messages to send.
// `result` then is as stored. Does nothing more for a run that is on record as ended: repeating it
// counts and tells nothing twice.
absl::Status FinishRun(Transaction& tx, ExportRunResult* result, const Announcer& announcer,
                       const SlackSettings& slack, absl::Time now);

// Ends the runs that another epoch left RUNNING as FAILED/INTERRUPTED, with the ledger as last
// committed; queued ones stay.
absl::Status InterruptUnfinished(Transaction& tx, absl::string_view exporter, std::int64_t epoch,
                                 const Announcer& announcer, const SlackSettings& slack,
                                 absl::Time now);

// An upper bound on the age of the oldest log not yet exported; nothing when nothing is known yet.
std::optional<absl::Duration> LagOf(const ExporterRecord& exporter, const Checkpoint& checkpoint,
                                    absl::Duration settle_delay, absl::Time now);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_RUNS_LIFECYCLE_H_
