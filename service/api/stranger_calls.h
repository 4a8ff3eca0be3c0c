#ifndef LOGEXPORT_SERVICE_API_STRANGER_CALLS_H_
#define LOGEXPORT_SERVICE_API_STRANGER_CALLS_H_

#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include <grpcpp/server_context.h>
#include <grpcpp/support/status.h>

#include "service/api/stall_guard.h"
#include "service/base/mutex.h"

namespace logexport {

// The calls that anybody may make without saying who he is: health and reflection. Their number is
// bounded, in all and from one address, so that they take neither the threads nor the memory of
// others, and so is the time in which their clients have to send and to read. Thread-safe.
class StrangerCalls {
 public:
  // How long a client may take to send a request or to take an answer.
  static constexpr absl::Duration kStall = absl::Seconds(5);

  // `guard` must outlive it.
  explicit StrangerCalls(StallGuard& guard) : guard_(guard) {}

  // A place for one call, while it exists.
  class Place {
   public:
    Place(StrangerCalls& calls, const grpc::ServerContext& context);
    ~Place();
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

    // RESOURCE_EXHAUSTED when there was none left.
    grpc::Status status() const;

   private:
    StrangerCalls& calls_;
    const std::string host_;
    const bool taken_;
  };

  StallGuard& guard() { return guard_; }

 private:
  bool Take(const std::string& host);
  void Leave(const std::string& host);

  StallGuard& guard_;
  Mutex mutex_;
  int open_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::flat_hash_map<std::string, int> from_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_API_STRANGER_CALLS_H_
