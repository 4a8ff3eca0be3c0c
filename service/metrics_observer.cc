#include "service/metrics_observer.h"

#include <optional>
#include <string>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

#include "service/access/roles.h"

namespace logexport {

LogTrace MetricsObserver::CallBegins(const IncomingCall& call) {
  if (spans_ == nullptr) return {};
  const TraceContext context = spans_->NewContext(ParseTraceparent(call.traceparent));
  // Of a call that is not recorded, lines carry no ids that would lead to nothing.
  if (!context.sampled) return {};
  return {context.trace_hex(), context.span_hex()};
}

void MetricsObserver::CallEnded(const IncomingCall& call, const LogTrace& trace,
                                const CallReport& report) {
  const std::string code = absl::StatusCodeToString(report.code);
  metrics_.CallEnded(call.method, code, report.took);
  metrics_.CallRefused(report.reason);
  if (call.method == kLoginMethod) metrics_.LoggedIn(report.code == absl::StatusCode::kOk);
  if (spans_ == nullptr || trace.trace_id.empty()) return;
  SpanRecord span;
  span.context = {absl::HexStringToBytes(trace.trace_id), absl::HexStringToBytes(trace.span_id),
                  true};
  if (const auto parent = ParseTraceparent(call.traceparent)) span.parent_span_id = parent->span_id;
  span.name = absl::StrCat("logexport.v1.LogExportService/", call.method);
  span.kind = SpanKind::kServer;
  span.start = report.begun;
  span.end = report.begun + report.took;
  span.attributes = {{"rpc.method", span.name},
                     {"rpc.response.status_code", code},
                     {"logexport.request_id", report.request_id}};
  if (report.code != absl::StatusCode::kOk) {
    span.attributes.emplace_back("error.type", report.reason);
    span.error = report.message;
  }
  spans_->Take(std::move(span));
}

}  // namespace logexport
