#ifndef LOGEXPORT_SERVICE_RUNS_LIFECYCLE_H_
#define LOGEXPORT_SERVICE_RUNS_LIFECYCLE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "service/base/random.h"
#include "service/export/export_run.h"
#include "service/export/run_lane.h"
#include "service/export/settings.h"
#include "service/runs/announcements.h"
#include "service/state/records.h"
#include "service/state/transaction.h"

namespace logexport {

// How runs are created and how their ends are recorded, as steps inside a transaction. Each lane of
// an exporter has at most one active run and one that is queued behind it.

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

// Why no run was ordered: the lane has this active run, or this one is queued already and has other
// parameters.
struct OrderRefusal {
  enum class Reason { kAlreadyActive, kAlreadyQueued };
  Reason reason = Reason::kAlreadyActive;
  RunRecord run;
};

// Adds the run as RUNNING if its lane is free; else joins, queues or refuses as `on_active` says.
// A refusal has changed nothing. Wake the exporter's worker after the commit. `epoch` is of the
// owner who orders a run for itself, and refused with LEASE_LOST if it is over; nothing for a run
// that whoever owns the exporter is to execute. Then, unless that is this process, it waits as
// QUEUED for its owner also where nothing is before it.
absl::StatusOr<std::variant<OrderedRun, OrderRefusal>> OrderRun(Transaction& tx,
                                                                const RunOrder& order,
                                                                std::optional<std::int64_t> epoch,
                                                                absl::Time now, Random& random);

// Makes the lane's queued run RUNNING, if there is one and no run is active. For the owner in
// `epoch` only: LEASE_LOST for others.
absl::StatusOr<std::optional<RunRecord>> PromoteQueued(Transaction& tx, absl::string_view exporter,
                                                       RunLane lane, std::int64_t epoch,
                                                       absl::Time now);

// Ends a queued run as CANCELLED. `run` then is as stored.
absl::Status CancelQueued(Transaction& tx, absl::Time now, RunRecord* run);

// Records an ended run: the run itself, the exporter's account of its runs, the messages to send.
// `result` then is as stored. Only completes `result` for a run that is recorded as ended already,
// so that repeating it counts and tells nothing twice. `now` is the time to count by (see
// trusted_time.h). With `may_fold` a run that found nothing can be folded into the report before
// (see idle_fold.h): nobody has named it. LEASE_LOST when the exporter has another owner than the
// run's by now.
absl::Status FinishRun(Transaction& tx, ExportRunResult* result, const Announcer& announcer,
                       const NotificationSettings& told, absl::Time now, bool may_fold = false);

// Asks for the end of a run that the store has as RUNNING, where that is another process's to do:
// it is done when the transaction is. For one of this process see Supervisor::StopRun.
absl::Status CallForEnd(Transaction& tx, const RunRecord& run);

// For the owner in `epoch`, as above. Ends the runs that another epoch left RUNNING as
// FAILED/INTERRUPTED, with the ledger as last committed; queued ones stay. Adds those ended to
// `interrupted` unless it is null.
absl::Status InterruptUnfinished(Transaction& tx, absl::string_view exporter, std::int64_t epoch,
                                 const Announcer& announcer, const NotificationSettings& told,
                                 absl::Time now, std::vector<RunRecord>* interrupted = nullptr);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_RUNS_LIFECYCLE_H_
