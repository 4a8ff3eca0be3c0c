#ifndef LOGEXPORT_SERVICE_RUNS_RUN_THREADS_H_
#define LOGEXPORT_SERVICE_RUNS_RUN_THREADS_H_

#include <cstddef>

#include "service/base/clock.h"
#include "service/runs/run_pool.h"
#include "service/runs/timer_queue.h"

namespace logexport {

// How many runs go on at a time unless a flag says otherwise.
inline constexpr int kDefaultConcurrentRuns = 64;

// The threads that the workers of all exporters share, so that an exporter at rest holds none: it
// is a timer. One per process; destroyed after the workers.
struct RunThreads {
  // `clock` must outlive it.
  RunThreads(Clock& clock, int concurrent_runs)
      : timers(clock), runs(static_cast<std::size_t>(concurrent_runs)) {}

  TimerQueue timers;
  // Looks into the store for what is to be run next. They are short and come in bursts; those for
  // the schedule must not wait behind those of the other lane, which read more and are never
  // urgent.
  RunPool looks{4};
  RunPool side_looks{2};
  // Runs that were asked to end before they got a place. They end without one.
  RunPool stopped_runs{4};
  // Last, so that it ends first: the end of a run goes on to look for the next one.
  RunPool runs;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_RUNS_RUN_THREADS_H_
