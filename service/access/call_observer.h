#ifndef LOGEXPORT_SERVICE_ACCESS_CALL_OBSERVER_H_
#define LOGEXPORT_SERVICE_ACCESS_CALL_OBSERVER_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "service/access/incoming_call.h"
#include "service/base/log_scope.h"

namespace logexport {

// How a call went.
struct CallReport {
  absl::StatusCode code = absl::StatusCode::kOk;
  std::string reason;   // of the error; empty for kOk
  std::string message;  // the same
  std::string request_id;
  absl::Time begun;
  absl::Duration took;
};

// Is told of every call, refused ones included. Thread-safe; must not block.
class CallObserver {
 public:
  virtual ~CallObserver() = default;
  // Answers what the lines that the call logs belong to.
  virtual LogTrace CallBegins(const IncomingCall& call) = 0;
  // `trace` is what CallBegins answered.
  virtual void CallEnded(const IncomingCall& call, const LogTrace& trace,
                         const CallReport& report) = 0;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_ACCESS_CALL_OBSERVER_H_
