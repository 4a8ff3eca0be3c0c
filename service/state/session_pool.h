#ifndef LOGEXPORT_SERVICE_STATE_SESSION_POOL_H_
#define LOGEXPORT_SERVICE_STATE_SESSION_POOL_H_

#include <functional>
#include <memory>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "service/base/mutex.h"
#include "service/state/sql_session.h"

namespace logexport {

// A few connections, opened as they are needed and lent out one at a time. Thread-safe.
class SessionPool {
 public:
  // `open` makes a session; called by several threads at a time.
  using Opener = std::function<absl::StatusOr<std::unique_ptr<SqlSession>>()>;
  SessionPool(Opener open, int size);

  // Calls `body` with a session of its own, waiting for one while all are lent.
  absl::Status Use(absl::FunctionRef<absl::Status(SqlSession&)> body);

  // Calls `body` while no session is lent, and lends none meanwhile. Waits up to `patience` for
  // those lent to come back; false, without calling it, if they do not. One caller at a time.
  bool Pause(absl::Duration patience, absl::FunctionRef<void()> body);

 private:
  const Opener open_;
  const int size_;

  Mutex mutex_;
  CondVar returned_;
  bool paused_ ABSL_GUARDED_BY(mutex_) = false;
  int lent_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<std::unique_ptr<SqlSession>> idle_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_STATE_SESSION_POOL_H_
