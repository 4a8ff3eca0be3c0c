#ifndef LOGEXPORT_SERVICE_RUNS_RUN_TRACER_H_
#define LOGEXPORT_SERVICE_RUNS_RUN_TRACER_H_

#include "service/base/log_scope.h"
#include "service/export/run_observer.h"
#include "service/state/records.h"
#include "service/telemetry/trace.h"

namespace logexport {

// Makes the spans of one run: `run`, and below it `fetch page`, `send batch` and `commit`, one for
// each attempt, never one for a log. Passes on to another observer what it is told. Thread-safe.
class RunTracer final : public RunObserver {
 public:
  // `spans` may be null: then it only passes on. Both must outlive it.
  RunTracer(SpanSink* spans, RunObserver& next);

  // What the lines that the run logs belong to; empty if it is not traced.
  LogTrace log_trace() const;

  void AttemptBegins(const RunStep& step) override { next_.AttemptBegins(step); }
  void AttemptEnded(const RunAttempt& attempt) override;
  void Repeats(const Failure& failure) override { next_.Repeats(failure); }
  void WaitedOnLimit(Origin target, absl::Duration waited) override {
    next_.WaitedOnLimit(target, waited);
  }

  // The run has ended as `run` says.
  void Ended(const RunRecord& run);

 private:
  SpanSink* const spans_;
  RunObserver& next_;
  const TraceContext context_;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_RUNS_RUN_TRACER_H_
