#ifndef LOGEXPORT_SERVICE_STATE_HISTORY_H_
#define LOGEXPORT_SERVICE_STATE_HISTORY_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"

#include "service/state/records.h"

namespace logexport {

// What an entry of an exporter's history is about. Entries of one moment come in this order.
enum class HistoryKind { kRun, kCheckpoint, kConfiguration, kPause, kAudit };

// One thing that happened to an exporter, put together from the tables that tell of it.
struct HistoryRecord {
  HistoryKind kind = HistoryKind::kRun;
  absl::Time time;
  // Of a run its sequence, of a change of the checkpoint or the configuration the version, else the
  // number of the entry of the audit.
  std::int64_t number = 0;
  Audit audit;

  // Of a run.
  std::string run_id;
  Trigger trigger = Trigger::kManual;
  RunKind run_kind = RunKind::kExport;
  RunState state = RunState::kQueued;
  StopReason stop_reason = StopReason::kNone;
  std::int64_t fetched = 0;
  std::int64_t accepted = 0;
  std::int64_t idle_runs = 0;

  // Of a change of the checkpoint.
  Position before;
  Position after;

  // Of a version of the configuration.
  std::vector<std::string> changed_fields;
  std::int64_t rollback_of = 0;

  // Of an entry of the audit.
  std::string method;
  std::string outcome;  // AuditOutcomeName
  // Of an entry of the audit, and of a run that failed.
  std::string error_reason;
};

struct HistoryFilter {
  std::string exporter;            // required
  std::vector<HistoryKind> kinds;  // what is not among them is not read; empty: nothing
  std::optional<absl::Time> from;
  std::optional<absl::Time> to;
};

// Where a record stands in the list of the newest.
struct HistoryPlace {
  absl::Time time = absl::InfiniteFuture();
  HistoryKind kind = HistoryKind::kRun;
  std::int64_t number = 0;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_STATE_HISTORY_H_
