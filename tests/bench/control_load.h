#ifndef LOGEXPORT_TESTS_BENCH_CONTROL_LOAD_H_
#define LOGEXPORT_TESTS_BENCH_CONTROL_LOAD_H_

#include <atomic>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"

#include "client/logexport/client.h"

namespace logexport::bench {

struct ControlLoadResult {
  // Of each call, from when it was due: a slow call does not hide that the next ones wait for it.
  std::vector<double> read_millis;
  std::vector<double> write_millis;
  // Of a watch of the run.
  std::int64_t messages = 0;
  std::int64_t lagged = 0;
  std::int64_t unmarked_gaps = 0;
  bool final_last = true;

  void Add(const ControlLoadResult& other);
};

// What operators and other services ask of the service while it exports: reads from a few clients,
// one call in fifty a write (pausing and resuming) by a client of its own, so that no read is due
// while its client waits for a write, and one watch of the run.
class ControlLoad {
 public:
  // One call after the other, by a single client, without writes.
  static constexpr double kClosedLoop = std::numeric_limits<double>::infinity();

  static absl::StatusOr<std::unique_ptr<ControlLoad>> Start(const std::string& server,
                                                            const std::string& run_id,
                                                            double calls_per_minute);
  ~ControlLoad();

  // Ends the calls and awaits the end of the watch, so that the run must have ended. An error if a
  // call failed.
  absl::StatusOr<ControlLoadResult> Finish();

 private:
  struct Caller {
    std::unique_ptr<client::Client> client;
    absl::Duration period;
    absl::Duration offset;
    bool writes = false;
    absl::Status status;
    ControlLoadResult result;
    std::thread thread;
  };

  ControlLoad() = default;
  absl::Status AddCaller(const std::string& server);
  void Call(Caller& caller);
  void Watch(Caller& watcher);
  void Join();

  std::string run_id_;
  std::atomic<bool> stop_ = false;
  std::vector<std::unique_ptr<Caller>> callers_;
};

}  // namespace logexport::bench

#endif  // LOGEXPORT_TESTS_BENCH_CONTROL_LOAD_H_
