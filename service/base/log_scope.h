#ifndef LOGEXPORT_SERVICE_BASE_LOG_SCOPE_H_
#define LOGEXPORT_SERVICE_BASE_LOG_SCOPE_H_

#include <string>

namespace logexport {

// What the lines that a thread logs belong to, by W3C Trace Context; lower-case hex, empty:
// nothing.
struct LogTrace {
  std::string trace_id;
  std::string span_id;
};

// While it lives, JSON lines that its thread logs carry `trace_id` and `span_id`. Scopes of a
// thread are nested. A thread that works for another one takes over CurrentLogTrace() of that.
class LogScope {
 public:
  explicit LogScope(LogTrace trace);
  ~LogScope();
  LogScope(const LogScope&) = delete;
  LogScope& operator=(const LogScope&) = delete;

 private:
  LogTrace outer_;
};

const LogTrace& CurrentLogTrace();

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_BASE_LOG_SCOPE_H_
