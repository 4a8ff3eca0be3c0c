#ifndef LOGEXPORT_TESTS_CRASH_SERVICE_LIFE_H_
#define LOGEXPORT_TESTS_CRASH_SERVICE_LIFE_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "tests/support/service_process.h"
#include "tests/support/subprocess.h"

namespace logexport {

// One life of the service, from its start to a death by kill -9 or at a crash point (see
// service/base/crash_point.h).
class ServiceLife {
 public:
  // `crash_point` is "NAME:N", or empty.
  static absl::StatusOr<ServiceLife> Begin(const std::string& state,
                                           ServiceProcess::Environment environment,
                                           const std::string& crash_point = "",
                                           const std::vector<std::string>& flags = {});

  // Waits until it serves. False if it dies before.
  bool Serves();
  // Does that and asks it for a run, unless one is going on already.
  bool StartsRun();
  // Lets it live so long, or until it dies; false when it is still alive then.
  bool DiesWithin(absl::Duration time);
  void Kill();

  // How it ended: the exit code, or minus the signal.
  int end() const { return *end_; }
  std::string Logs() const { return process_->ErrorOutput(); }

 private:
  ServiceLife() = default;

  std::unique_ptr<Subprocess> process_;
  std::string address_;
  std::optional<int> end_;
};

}  // namespace logexport

#endif  // LOGEXPORT_TESTS_CRASH_SERVICE_LIFE_H_
