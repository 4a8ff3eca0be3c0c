#ifndef LOGEXPORT_SERVICE_ACCESS_CALL_OBSERVER_H_
#define LOGEXPORT_SERVICE_ACCESS_CALL_OBSERVER_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace logexport {

// Is told of every call when it has ended, refused ones included. Thread-safe; must not block.
class CallObserver {
 public:
  virtual ~CallObserver() = default;
  // `method` is as the caller named it. `reason` is that of the error; empty for kOk.
  virtual void CallEnded(absl::string_view method, absl::StatusCode code, absl::string_view reason,
                         absl::Duration took) = 0;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_ACCESS_CALL_OBSERVER_H_
