#ifndef LOGEXPORT_TESTS_EXPORT_MADE_HISTORY_H_
#define LOGEXPORT_TESTS_EXPORT_MADE_HISTORY_H_

#include <optional>
#include <ostream>
#include <vector>

#include <rapidcheck.h>

namespace logexport {

// Random histories of runs and of the faults that meet them, which shrink and can be printed.

// What must become of a log.
enum class Fate { kAccepted, kFiltered, kUnmappable, kPoison };
enum class ReadFault { kNone, kTransient, kForbidden };
enum class SendFault { kNone, kTransient, kAnswerLost, kBadKey };
enum class CommitFault { kNone, kLocked, kLockedAtTheEnd, kAnswerLost, kCorruptAfter, kCorrupt };

struct Move {
  int at_send = 0;
  int to = 0;  // index of a log; -1: the very beginning
};

struct RunPlan {
  int new_logs = 0;
  int take = 1;
  int max_events = 1;
  int max_bytes = 0;
  int in_flight = 1;
  // By the number of the call in the run; calls beyond the end are without fault.
  std::vector<ReadFault> reads;
  std::vector<SendFault> sends;
  std::vector<CommitFault> commits;
  // Behind the sends above every one fails, for longer than a run waits.
  bool segment_goes_down = false;
  // From this commit on the process is gone: nothing is written, nothing is sent.
  std::optional<int> dies_at_commit;
  bool dies_after_it = false;  // or before
  // It dies when all is done but the end of the run on record.
  bool dies_at_end = false;
  std::optional<Move> move;
  // A process that lost its lease runs first.
  bool stale_runner = false;
};

struct Plan {
  std::vector<Fate> fates;  // of the logs by index; kAccepted beyond the end
  std::vector<RunPlan> runs;
};

std::ostream& operator<<(std::ostream& out, const RunPlan& run);
std::ostream& operator<<(std::ostream& out, const Plan& plan);

rc::Gen<Plan> AnyPlan();

}  // namespace logexport

#endif  // LOGEXPORT_TESTS_EXPORT_MADE_HISTORY_H_
