#ifndef LOGEXPORT_TESTS_STATE_CHILD_PROCESS_H_
#define LOGEXPORT_TESTS_STATE_CHILD_PROCESS_H_

#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace logexport {

// The program store_process with its input and output in our hands. Killed at the end if it is
// still there.
class ChildProcess {
 public:
  explicit ChildProcess(std::vector<std::string> arguments);
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  pid_t pid() const { return pid_; }

  // The next line it prints, without its end; nothing when it has ended. Blocks.
  std::optional<std::string> ReadLine();

  // As by kill -9, at once; returns when it is gone. What it printed can still be read.
  void Kill();

  // Ends its input and waits for it; answers its exit code.
  int Finish();

 private:
  pid_t pid_ = -1;
  int input_ = -1;
  std::FILE* output_ = nullptr;
};

}  // namespace logexport

#endif  // LOGEXPORT_TESTS_STATE_CHILD_PROCESS_H_
