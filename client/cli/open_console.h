#ifndef LOGEXPORT_CLIENT_CLI_OPEN_CONSOLE_H_
#define LOGEXPORT_CLIENT_CLI_OPEN_CONSOLE_H_

#include "client/cli/api_schema.h"
#include "client/cli/cli_context.h"
#include "client/cli/command_line.h"

namespace logexport::cli {

// Logs the person in to the web console: gets a link that works once, opens it in a browser where
// there is one, and prints it for everywhere else. Returns an exit code.
int RunOpenConsole(const CliContext& context, const Schema& schema, const Invocation& invocation);

}  // namespace logexport::cli

#endif  // LOGEXPORT_CLIENT_CLI_OPEN_CONSOLE_H_
