#ifndef LOGEXPORT_CLIENT_CLI_CLI_H_
#define LOGEXPORT_CLIENT_CLI_CLI_H_

#include <string>
#include <vector>

#include "client/cli/cli_context.h"

namespace logexport::cli {

// Runs the program with `args` (without its name) and returns its exit code, see errors.h.
int RunCli(const CliContext& context, const std::vector<std::string>& args);

}  // namespace logexport::cli

#endif  // LOGEXPORT_CLIENT_CLI_CLI_H_
