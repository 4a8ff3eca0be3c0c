#ifndef LOGEXPORT_TESTS_SANDBOX_SANDBOX_FLAGS_H_
#define LOGEXPORT_TESTS_SANDBOX_SANDBOX_FLAGS_H_

#include <string>

#include "tests/sandbox/faults/fault_plan.h"
#include "tests/sandbox/sandbox_options.h"

namespace logexport::sandbox {

// The command line of logexport-sandbox.
struct CommandLine {
  SandboxOptions options;
  FaultPlan faults;
  std::string logs_file;
  std::string port_file;
  bool exit_with_stdin = false;
};

// Reads the command line. Ends the process itself after --help, and with a message on
// standard error where the command line is wrong.
CommandLine ParseCommandLine(int argc, char** argv);

}  // namespace logexport::sandbox

#endif  // LOGEXPORT_TESTS_SANDBOX_SANDBOX_FLAGS_H_
