#ifndef LOGEXPORT_SERVICE_RUNS_RUN_POOL_H_
#define LOGEXPORT_SERVICE_RUNS_RUN_POOL_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <optional>

#include "absl/base/thread_annotations.h"

#include "service/base/mutex.h"

namespace logexport {

// Threads for work that blocks, a bounded number of them. What finds no free place waits and begins
// in the order in which it came, so that nothing waits for ever as long as work ends. A thread
// lives as long as there is work for it: at rest there is none. Thread-safe.
class RunPool {
 public:
  // Names a piece of work until it ends: an address that its owner has for itself alone.
  using Key = const void*;

  explicit RunPool(std::size_t places) : places_(places) {}
  // Waits for all work, also for what has not begun.
  ~RunPool();
  RunPool(const RunPool&) = delete;
  RunPool& operator=(const RunPool&) = delete;

  // Calls `work` in a thread of the pool.
  void Submit(Key key, std::function<void()> work);

  // The same for work that gives way: it never takes more than half of the places, rounded up, and
  // when other work finds no place `give_way` is called to ask it to end soon. That is called at
  // most once, while the work is being done or just before, by a thread that submits or one of the
  // pool; it must not block nor call the pool.
  void SubmitGivingWay(Key key, std::function<void()> work, std::function<void()> give_way);

  // Takes back what has not begun: then it never does, and the answer is true.
  bool Withdraw(Key key);

  std::size_t places() const { return places_; }
  // How much work waits for a place.
  std::size_t waiting() const;
  // How many threads there are now.
  std::size_t threads() const;

 private:
  struct Work {
    Key key = nullptr;
    std::function<void()> run;
    std::function<void()> give_way;  // null: it does not give way
    std::uint64_t number = 0;        // of what gives way, once it has begun
  };

  void Add(Work work);
  void Loop();
  // The first that may begin now, if any.
  std::optional<Work> TakeNext() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // As many as it takes for what waits and does not give way.
  void AskToGiveWay() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::size_t places_;
  mutable Mutex mutex_;
  CondVar thread_ended_;
  std::size_t threads_ ABSL_GUARDED_BY(mutex_) = 0;
  std::size_t busy_ ABSL_GUARDED_BY(mutex_) = 0;  // places taken
  std::list<Work> waiting_ ABSL_GUARDED_BY(mutex_);
  // What is being done and gives way, by number; null once it was asked to.
  std::map<std::uint64_t, std::function<void()>> giving_way_ ABSL_GUARDED_BY(mutex_);
  std::uint64_t last_number_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_RUNS_RUN_POOL_H_
