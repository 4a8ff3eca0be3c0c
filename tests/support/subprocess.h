#ifndef LOGEXPORT_TESTS_SUPPORT_SUBPROCESS_H_
#define LOGEXPORT_TESTS_SUPPORT_SUBPROCESS_H_

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include <sys/types.h>

namespace logexport {

// A program run by a test: one of ours (found by BinaryPath) or a tool. Its standard output and
// error are kept, separately; its standard input is a pipe that ends with the test's process, if
// not before. The destructor kills it. Not thread-safe.
class Subprocess {
 public:
  // `command` is the program, with its path, and its arguments; `environment` is added to the
  // test's own and wins over it; of several of one name the last counts.
  static absl::StatusOr<std::unique_ptr<Subprocess>> Start(
      const std::vector<std::string>& command,
      const std::vector<std::pair<std::string, std::string>>& environment = {});
  ~Subprocess();
  Subprocess(const Subprocess&) = delete;
  Subprocess& operator=(const Subprocess&) = delete;

  pid_t pid() const { return pid_; }
  // Sends a signal (SIGTERM, SIGKILL, SIGSTOP …); nothing once it has ended.
  void Signal(int signal);
  void CloseInput();

  // The exit code, or minus the signal that ended it; nothing if it still runs after `limit`.
  std::optional<int> Wait(absl::Duration limit);
  bool Running() { return !Wait(absl::ZeroDuration()).has_value(); }

  // Whether the kernel wrote a core dump of it when it ended.
  bool dumped_core() const { return dumped_core_; }

  // Everything written so far.
  std::string Output() const;
  std::string ErrorOutput() const;

 private:
  Subprocess() = default;

  pid_t pid_ = -1;
  int input_fd_ = -1;
  int output_fd_ = -1;
  int error_fd_ = -1;
  std::optional<int> exit_;
  bool dumped_core_ = false;
};

}  // namespace logexport

#endif  // LOGEXPORT_TESTS_SUPPORT_SUBPROCESS_H_
