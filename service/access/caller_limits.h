#ifndef LOGEXPORT_SERVICE_ACCESS_CALLER_LIMITS_H_
#define LOGEXPORT_SERVICE_ACCESS_CALLER_LIMITS_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "service/base/clock.h"
#include "service/base/mutex.h"
#include "service/control/caller.h"

namespace logexport {

// What one caller may use of the service, so that no caller takes all of it from the others. The
// bounds are far beyond what a client with a purpose needs.
struct CallerLimitOptions {
  double calls_per_second = 2000;  // in the long run
  double burst = 5000;             // calls at once after a pause
  int open_calls = 256;            // at a time, streams included
  int open_streams = 32;           // at a time
};

// What a caller uses at a moment.
struct CallerLoad {
  std::string caller;
  int open_calls = 0;
  int open_streams = 0;
  std::int64_t refused = 0;  // since the service has known the caller
};

// Counts what each caller uses. A verified caller is known by his name, an unverified one by the
// host he calls from: he can claim any number of names. Thread-safe.
class CallerLimits {
 public:
  // `clock` must outlive it.
  explicit CallerLimits(Clock& clock, CallerLimitOptions options = {})
      : clock_(clock), options_(options) {}

  // The place of one call, while it exists.
  class Place {
   public:
    Place() = default;
    Place(CallerLimits* limits, std::string key, bool stream)
        : limits_(limits), key_(std::move(key)), stream_(stream) {}
    Place(Place&& other) noexcept
        : limits_(std::exchange(other.limits_, nullptr)),
          key_(std::move(other.key_)),
          stream_(other.stream_) {}
    Place& operator=(Place&& other) noexcept {
      std::swap(limits_, other.limits_);
      std::swap(key_, other.key_);
      std::swap(stream_, other.stream_);
      return *this;
    }
    ~Place() {
      if (limits_ != nullptr) limits_->Leave(key_, stream_);
    }

   private:
    CallerLimits* limits_ = nullptr;
    std::string key_;
    bool stream_ = false;
  };

  // RESOURCE_EXHAUSTED / TOO_MANY_CALLS, or TOO_MANY_WATCHERS for a stream too many, with the time
  // to wait.
  absl::StatusOr<Place> Enter(const Caller& caller, absl::string_view address, bool stream);

  // Those that use something or were refused lately, by name.
  std::vector<CallerLoad> Loads() const;

 private:
  static constexpr absl::Duration kLogInterval = absl::Minutes(1);

  struct Use {
    int open_calls = 0;
    int open_streams = 0;
    std::int64_t refused = 0;
    double calls_left = 0;
    absl::Duration filled;  // when `calls_left` was right, on the steady clock
    absl::Duration logged = -absl::InfiniteDuration();
  };

  // Counts a refusal, and logs it if none was logged in the last minute.
  absl::Status Refuse(const std::string& key, Use& use, absl::string_view reason,
                      const std::string& what, absl::Duration wait)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  void Leave(const std::string& key, bool stream);
  // Forgets callers that use nothing, so that many names take no memory.
  void ForgetIdle(absl::Duration now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  Clock& clock_;
  const CallerLimitOptions options_;
  mutable Mutex mutex_;
  absl::flat_hash_map<std::string, Use> uses_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_ACCESS_CALLER_LIMITS_H_
