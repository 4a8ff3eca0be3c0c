#ifndef LOGEXPORT_CLIENT_CLI_COMPLETION_H_
#define LOGEXPORT_CLIENT_CLI_COMPLETION_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "client/cli/api_schema.h"
#include "client/cli/command_line.h"

namespace logexport::cli {

struct Candidate {
  std::string word;
  std::string about;  // one short sentence, may be empty
};

// Ids that exist at the service, for a field like `run_id`: the answer of `list`, a paged command
// whose items have `field` as their first column. May answer nothing.
using LiveValues = std::function<std::vector<Candidate>(
    const Command& list, const google::protobuf::FieldDescriptor* field, const Options& options,
    const std::string& exporter)>;

// What the last of `words` (which may be empty) can become. `words` is what was typed after the
// program's name. An empty answer where a file name is expected leaves it to the shell.
std::vector<Candidate> Complete(const Schema& schema, const std::vector<std::string>& words,
                                const Environment& environment, const LiveValues& live_values);

// The script that makes `shell` (bash, zsh or fish) ask the program, by way of its hidden command
// `__complete`. INVALID_ARGUMENT for other shells.
absl::StatusOr<std::string> CompletionScript(const std::string& shell, const std::string& program);

}  // namespace logexport::cli

#endif  // LOGEXPORT_CLIENT_CLI_COMPLETION_H_
