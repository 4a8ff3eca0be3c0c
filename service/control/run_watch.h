#ifndef LOGEXPORT_SERVICE_CONTROL_RUN_WATCH_H_
#define LOGEXPORT_SERVICE_CONTROL_RUN_WATCH_H_

#include <atomic>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"

#include "service/base/clock.h"
#include "service/control/run_control.h"
#include "service/runs/feed.h"

namespace logexport {

namespace v1 {
class WatchRunResponse;
}

// Follows runs for those who watch. Each watcher holds a thread of the server, so their number is
// bounded; a run never waits for one. Thread-safe.
class RunWatch {
 public:
  // All must outlive it.
  RunWatch(RunControl& runs, RunFeed& feed, Clock& clock)
      : runs_(runs), feed_(feed), clock_(clock) {}

  // Sends a snapshot, then progress and heartbeats, and the final report last; blocks until then.
  // Ends early with what `check` answers, which is asked several times a second and is not OK once
  // the client is gone or may not watch any more, and when `write` answers false (the client is
  // gone).
  //   NOT_FOUND, RESOURCE_EXHAUSTED / TOO_MANY_WATCHERS, UNAVAILABLE / SHUTTING_DOWN
  absl::Status Watch(const v1::WatchRunRequest& request, absl::FunctionRef<absl::Status()> check,
                     absl::FunctionRef<bool(const v1::WatchRunResponse&)> write);

 private:
  RunControl& runs_;
  RunFeed& feed_;
  Clock& clock_;
  std::atomic<int> watchers_{0};
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_CONTROL_RUN_WATCH_H_
