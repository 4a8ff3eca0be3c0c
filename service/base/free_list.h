#ifndef LOGEXPORT_SERVICE_BASE_FREE_LIST_H_
#define LOGEXPORT_SERVICE_BASE_FREE_LIST_H_

#include <optional>
#include <utility>
#include <vector>

#include "service/base/mutex.h"

namespace logexport {

// Things that are costly to make and wait to be used again, such as buffers with their memory. The
// one given last is taken first, because its memory is the warmest. Thread-safe.
template <typename T>
class FreeList {
 public:
  // One that was given before, as it was given; nothing if there is none.
  std::optional<T> Take() {
    MutexLock lock(&mutex_);
    if (free_.empty()) return std::nullopt;
    std::optional<T> taken = std::move(free_.back());
    free_.pop_back();
    return taken;
  }

  void Give(T thing) {
    MutexLock lock(&mutex_);
    free_.push_back(std::move(thing));
  }

 private:
  Mutex mutex_;
  std::vector<T> free_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_BASE_FREE_LIST_H_
