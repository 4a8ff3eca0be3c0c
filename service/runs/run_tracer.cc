#include "service/runs/run_tracer.h"

#include <utility>

namespace logexport {
namespace {

// Steps of no kind of their own are not worth a span.
const char* SpanNameOf(RunStep::Kind kind) {
  switch (kind) {
    case RunStep::Kind::kReadPage:
      return "fetch page";
    case RunStep::Kind::kSendBatch:
      return "send batch";
    case RunStep::Kind::kCommit:
      return "commit";
    case RunStep::Kind::kOther:
      break;
  }
  return nullptr;
}

}  // namespace

RunTracer::RunTracer(SpanSink* spans, RunObserver& next)
    : spans_(spans),
      next_(next),
      context_(spans == nullptr ? TraceContext() : spans->NewContext(std::nullopt)) {}

LogTrace RunTracer::log_trace() const {
  if (!context_.valid()) return {};
  return {context_.trace_hex(), context_.span_hex()};
}

void RunTracer::AttemptEnded(const RunAttempt& attempt) {
  next_.AttemptEnded(attempt);
  const char* const name = SpanNameOf(attempt.step.kind);
  if (spans_ == nullptr || !context_.sampled || name == nullptr) return;
  SpanRecord span;
  span.context = spans_->NewContext(context_);
  span.context.sampled = true;
  span.parent_span_id = context_.span_id;
  span.name = name;
  span.kind = attempt.step.kind == RunStep::Kind::kCommit ? SpanKind::kInternal : SpanKind::kClient;
  span.start = attempt.begun;
  span.end = attempt.begun + attempt.took;
  span.attributes.emplace_back("logexport.attempt", std::int64_t{attempt.number});
  if (attempt.step.kind == RunStep::Kind::kSendBatch) {
    span.attributes.emplace_back("logexport.events", attempt.step.events);
  }
  if (!attempt.status.ok()) {
    const Failure failure = FailureOf(attempt.status);
    span.error = failure.message;
    span.attributes.emplace_back("error.type", std::string(FailureReasonName(failure.reason)));
  }
  spans_->Take(std::move(span));
}

void RunTracer::Ended(const RunRecord& run) {
  if (spans_ == nullptr || !context_.sampled) return;
  SpanRecord span;
  span.context = context_;
  span.name = "run";
  span.start = run.started.value_or(run.created);
  span.end = run.ended.value_or(span.start);
  span.attributes = {{"logexport.exporter", run.exporter},
                     {"logexport.run_id", run.run_id},
                     {"logexport.kind", std::string(RunKindName(run.parameters.kind))},
                     {"logexport.trigger", std::string(TriggerName(run.trigger))},
                     {"logexport.config_version", run.config_version},
                     {"logexport.epoch", run.epoch},
                     {"logexport.state", std::string(RunStateName(run.state))},
                     {"logexport.stop_reason", std::string(StopReasonName(run.stop_reason))},
                     {"logexport.logs.fetched", run.ledger.logs.fetched},
                     {"logexport.logs.accepted", run.ledger.logs.accepted},
                     {"logexport.logs.filtered", run.ledger.logs.filtered},
                     {"logexport.logs.dead_lettered", run.ledger.logs.dead_lettered}};
  if (run.error.has_value()) {
    span.error = run.error->message;
    span.attributes.emplace_back("error.type", run.error->reason);
  }
  spans_->Take(std::move(span));
}

}  // namespace logexport
