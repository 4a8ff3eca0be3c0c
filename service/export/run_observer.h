#ifndef LOGEXPORT_SERVICE_EXPORT_RUN_OBSERVER_H_
#define LOGEXPORT_SERVICE_EXPORT_RUN_OBSERVER_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/time/time.h"

#include "service/export/failure.h"

namespace logexport {

// What a run waits for others to do.
struct RunStep {
  enum class Kind {
    kOther,     // finding the start, and what is about the account of a run
    kReadPage,  // one page of logs
    kSendBatch,
    kCommit,
  };
  Kind kind = Kind::kOther;
  std::int64_t events = 0;  // of kSendBatch: in the batch
};

// One attempt of a step, when it has ended.
struct RunAttempt {
  RunStep step;
  int number = 0;  // from 0
  absl::Time begun;
  absl::Duration took;
  const absl::Status& status;
};

// Is told what a run does while it does it. Called from the threads of the run; must not block, and
// can change nothing of the run.
class RunObserver {
 public:
  virtual ~RunObserver() = default;
  virtual void AttemptBegins(const RunStep& step) = 0;
  virtual void AttemptEnded(const RunAttempt& attempt) = 0;
  // The attempt failed and is about to be made again.
  virtual void Repeats(const Failure& failure) = 0;
  // The run has waited so long to keep to a rate limit of `target`.
  virtual void WaitedOnLimit(Origin target, absl::Duration waited) = 0;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_EXPORT_RUN_OBSERVER_H_
