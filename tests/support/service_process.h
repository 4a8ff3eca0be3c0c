#ifndef LOGEXPORT_TESTS_SUPPORT_SERVICE_PROCESS_H_
#define LOGEXPORT_TESTS_SUPPORT_SERVICE_PROCESS_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

#include "tests/support/subprocess.h"

namespace logexport {

// The logexportd program on a free port, for tests over the real programs. Killed by the destructor
// if it still runs. A test program that uses this names logexportd in the DATA_DEPS of its
// logexport_test().
class ServiceProcess {
 public:
  using Environment = std::vector<std::pair<std::string, std::string>>;

  // Starts it and waits until it serves; an error tells what it logged instead. `state` is a file,
  // or the URL of a store.
  static absl::StatusOr<std::unique_ptr<ServiceProcess>> Start(
      const std::string& state, const Environment& environment,
      const std::vector<std::string>& flags = {});

  // host:port of its API.
  const std::string& address() const { return address_; }
  // host:port where it serves HTTP; empty when it does not.
  const std::string& http_address() const { return http_address_; }
  Subprocess& process() { return *process_; }

 private:
  ServiceProcess() = default;
  std::unique_ptr<Subprocess> process_;
  std::string address_;
  std::string http_address_;
};

// Starts the program without waiting for anything; null, with a failure, when it cannot.
std::unique_ptr<Subprocess> StartService(const std::vector<std::string>& flags,
                                         const ServiceProcess::Environment& environment);

// Runs the program to its end, for starts that are refused and for --run-once.
struct ProgramEnd {
  int exit_status = 0;
  std::string output;
  std::string error_output;
};
ProgramEnd RunService(const std::vector<std::string>& flags,
                      const ServiceProcess::Environment& environment);

}  // namespace logexport

#endif  // LOGEXPORT_TESTS_SUPPORT_SERVICE_PROCESS_H_
