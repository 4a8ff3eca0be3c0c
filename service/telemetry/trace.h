#ifndef LOGEXPORT_SERVICE_TELEMETRY_TRACE_H_
#define LOGEXPORT_SERVICE_TELEMETRY_TRACE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "service/base/random.h"

namespace logexport {

// Which span of which trace, as W3C Trace Context has it.
struct TraceContext {
  std::string trace_id;  // 16 bytes; empty: none
  std::string span_id;   // 8 bytes
  bool sampled = false;

  bool valid() const { return !trace_id.empty(); }
  std::string trace_hex() const;
  std::string span_hex() const;
};

// What the header `traceparent` says; nothing if it is malformed.
std::optional<TraceContext> ParseTraceparent(absl::string_view header);

enum class SpanKind { kInternal, kServer, kClient };

// A span that has ended.
struct SpanRecord {
  TraceContext context;
  std::string parent_span_id;  // 8 bytes; empty for a root
  std::string name;
  SpanKind kind = SpanKind::kInternal;
  absl::Time start;
  absl::Time end;
  std::vector<std::pair<std::string, std::variant<std::string, std::int64_t, bool>>> attributes;
  std::optional<std::string> error;  // why it failed, if it did
};

// Takes spans. Thread-safe; never waits, so that nobody who is traced is slowed down.
class SpanSink {
 public:
  virtual ~SpanSink() = default;
  // The context for a new span: of the trace of `parent`, or of a new one. Its `sampled` says
  // whether the span is wanted.
  virtual TraceContext NewContext(const std::optional<TraceContext>& parent) = 0;
  // Of spans that are not sampled nothing is kept.
  virtual void Take(SpanRecord span) = 0;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_TELEMETRY_TRACE_H_
