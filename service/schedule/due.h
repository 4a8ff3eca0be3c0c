// What the scheduler has to do at a given moment: a pure decision, so that every corner of it
// (missed fires, a paused exporter, clocks that jump) is a row in a test table.
//
// The caller keeps one instant per exporter, `handled_until`, and calls DecideDue when it starts,
// at each `wake`, and when schedule or pause change. It stores the answer's `handled_until`
// together with whatever it does about the answer (starts the run, counts the fires), and never
// looks at a fire twice.
//
// A run of this exporter that is still going on when `run` asks for the next one is the caller's
// business: it counts the fire as skipped. When the schedule itself changes, pass the time of the
// change as `handled_until`, so that the new schedule is not blamed for fires it never had.
#ifndef LOGEXPORT_SERVICE_SCHEDULE_DUE_H_
#define LOGEXPORT_SERVICE_SCHEDULE_DUE_H_

#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "service/schedule/schedule.h"

namespace logexport {

// A fire looked at this long after its start time is still on time. It covers a restart of the
// service and a slow machine; anything later is missed.
inline constexpr absl::Duration kOnTimeLimit = absl::Minutes(1);

// How far `handled_until` may lie in the future. Within the limit the decision waits for the clock
// to get there again, so no instant fires twice. Beyond it the clock was wrong before, by so much
// that waiting would silence the exporter: the count starts again from now.
inline constexpr absl::Duration kClockStepLimit = absl::Hours(1);

// More fires than this in one span are not counted one by one.
inline constexpr std::int64_t kMaxCountedFires = 10'000;

struct DueState {
  // Every fire up to and including this instant is dealt with. Unset: a new exporter, whose first
  // fire is the first after `now`.
  std::optional<absl::Time> handled_until = std::nullopt;
  absl::Time now;
  bool paused = false;
};

// Consecutive fires. `first` and `last` are set only where `count` > 0.
struct FireSpan {
  std::int64_t count = 0;
  bool count_is_lower_bound = false;  // counting stopped at kMaxCountedFires
  absl::Time first;
  absl::Time last;
};

struct ScheduledRun {
  absl::Time fire;    // the fire the run answers to
  bool late = false;  // true: it catches up for an outage, `missed` included
};

struct DueDecision {
  std::optional<ScheduledRun> run;  // start this one now
  FireSpan missed;                  // passed without a run of their own
  FireSpan paused;                  // passed while paused: neither missed nor caught up later
  absl::Time handled_until;         // to store
  absl::Time wake;                  // when to ask again; InfiniteFuture if nothing fires any more
  // The stored instant was further in the future than kClockStepLimit and has been given up. Worth
  // a line in the log.
  bool clock_went_back = false;
};

// How long after `fire` its run starts: the same for the same arguments on every machine and after
// every restart, spread evenly over [0, jitter) in whole milliseconds. 0 if `jitter` is under 1 ms.
absl::Duration JitterOffset(absl::string_view exporter_id, absl::Time fire, absl::Duration jitter);

// When the run for `fire` starts: `fire` plus its jitter, which is kept below the distance to the
// next fire so that runs start in the order of their fires.
absl::Time StartTime(const Schedule& schedule, absl::string_view exporter_id, absl::Time fire);

// At most one run is due, whatever happened since: the newest fire is run if it is on time or the
// schedule catches up; all others in between are missed. Never blocks, never reads a clock.
DueDecision DecideDue(const Schedule& schedule, absl::string_view exporter_id,
                      const DueState& state);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_SCHEDULE_DUE_H_
