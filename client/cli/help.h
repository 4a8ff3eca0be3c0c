#ifndef LOGEXPORT_CLIENT_CLI_HELP_H_
#define LOGEXPORT_CLIENT_CLI_HELP_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

#include "client/cli/api_schema.h"
#include "client/cli/field_flags.h"

namespace logexport::cli {

// Help texts, made of the comments of the proto files; 80 columns.

// What the program is and its commands.
std::string ProgramHelp(const Schema& schema, absl::string_view program);

// One command with its flags; `brief` gives each flag one sentence.
std::string CommandHelp(const Command& command, const std::vector<Flag>& flags,
                        absl::string_view program, bool brief);

}  // namespace logexport::cli

#endif  // LOGEXPORT_CLIENT_CLI_HELP_H_
