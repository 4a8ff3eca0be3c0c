#ifndef LOGEXPORT_SERVICE_WEB_WORKER_POOL_H_
#define LOGEXPORT_SERVICE_WEB_WORKER_POOL_H_

#include <cstddef>
#include <deque>
#include <functional>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"

#include "service/base/mutex.h"

namespace logexport {

// Threads for work that blocks. There are as many as there was work at a time, up to a bound, and
// they stay; what comes when all are busy waits, up to another bound. Thread-safe.
class WorkerPool {
 public:
  WorkerPool(std::size_t most_threads, std::size_t most_waiting)
      : most_threads_(most_threads), most_waiting_(most_waiting) {}
  // Waits for all work.
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // False when there is no room for more; `work` is not called then.
  bool Submit(std::function<void()> work);

  // Blocks until nothing is left to do, or `limit` has passed; true in the first case.
  bool AwaitIdle(absl::Duration limit);

 private:
  void Run();

  const std::size_t most_threads_;
  const std::size_t most_waiting_;
  Mutex mutex_;
  CondVar changed_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::size_t busy_ ABSL_GUARDED_BY(mutex_) = 0;
  std::deque<std::function<void()>> waiting_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::thread> threads_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_WEB_WORKER_POOL_H_
