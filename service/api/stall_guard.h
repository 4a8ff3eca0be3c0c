#ifndef LOGEXPORT_SERVICE_API_STALL_GUARD_H_
#define LOGEXPORT_SERVICE_API_STALL_GUARD_H_

#include <cstdint>
#include <map>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include <grpcpp/server_context.h>

#include "service/base/mutex.h"

namespace logexport {

// Ends calls whose clients stop sending or stop reading: a read or write of gRPC's synchronous API
// waits for the client without a limit, and each holds a thread. Thread-safe.
class StallGuard {
 public:
  StallGuard() : thread_([this] { Run(); }) {}
  ~StallGuard();
  StallGuard(const StallGuard&) = delete;
  StallGuard& operator=(const StallGuard&) = delete;

  // Cancels the call when the scope is still there after `limit`. The reads and writes of the call
  // then return false.
  class Scope {
   public:
    Scope(StallGuard& guard, grpc::ServerContext& context, absl::Duration limit)
        : guard_(guard), key_(guard.Add(context, limit)) {}
    ~Scope() { guard_.Remove(key_); }
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    friend class StallGuard;
    using Key = std::pair<absl::Duration, std::uint64_t>;
    StallGuard& guard_;
    const Key key_;
  };

 private:
  Scope::Key Add(grpc::ServerContext& context, absl::Duration limit);
  void Remove(const Scope::Key& key);
  void Run();

  Mutex mutex_;
  CondVar changed_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::uint64_t next_ ABSL_GUARDED_BY(mutex_) = 0;
  // By when they end, on the steady clock.
  std::map<Scope::Key, grpc::ServerContext*> scopes_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_API_STALL_GUARD_H_
