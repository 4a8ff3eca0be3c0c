#ifndef LOGEXPORT_TESTS_CHAOS_OPERATOR_CALLS_H_
#define LOGEXPORT_TESTS_CHAOS_OPERATOR_CALLS_H_

#include <cstdint>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"

#include "service/base/mutex.h"

namespace logexport {

// An operator who calls all along, whatever happens: runs, configurations, checkpoints and pauses,
// by way of any member. What he got an answer to has to be there at the end. Thread-safe.
class OperatorCalls {
 public:
  struct Options {
    std::uint64_t seed = 0;
    // Addresses of the members as of now.
    std::function<std::vector<std::string>()> members;
    // Whose runs are started and whose configuration is changed.
    std::vector<std::string> exporters;
    // The one that is also paused, and whose checkpoint is set.
    std::string own;
  };
  explicit OperatorCalls(Options options);

  // The operator goes home; what he paused goes on.
  void Stop();
  // Every acknowledged call is found, and none is found twice. `query` asks the database.
  void ExpectAllThere(const std::function<std::string(const std::string&)>& query) const;
  int acknowledged() const;
  // Without an answer, or refused.
  int failed() const;

 private:
  struct Call {
    std::string method;
    std::string exporter;
    std::string request_id;  // also the reason that is given
    std::string run_id;      // of RunNow
    bool moved = false;      // by SetCheckpoint
    absl::Status status;
  };
  void CallOnce(std::uint64_t random, std::uint64_t member);
  // Makes the call of that name; the run that it answered.
  static absl::Status Make(const std::string& address, Call& call, std::uint64_t random);

  const Options options_;
  mutable Mutex mutex_;
  std::vector<Call> calls_ ABSL_GUARDED_BY(mutex_);
  std::jthread thread_;
};

}  // namespace logexport

#endif  // LOGEXPORT_TESTS_CHAOS_OPERATOR_CALLS_H_
