#ifndef LOGEXPORT_CLIENT_CLI_COMMAND_LINE_H_
#define LOGEXPORT_CLIENT_CLI_COMMAND_LINE_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "client/cli/api_schema.h"
#include "client/cli/field_flags.h"
#include "logexport/connection.h"

namespace logexport::cli {

enum class OutputFormat { kTable, kJson, kYaml, kJsonl };

// What a flag of the request was given.
struct FlagUse {
  enum class Source {
    kValue,     // --x VALUE
    kFile,      // --x-file FILE, of sensitive fields
    kVariable,  // --x-env NAME, of sensitive fields
  };
  const Flag* flag = nullptr;  // into Invocation::flags
  Source source = Source::kValue;
  std::vector<std::string> texts;  // one per use
};

struct Options {
  client::ConnectionOptions connection;
  std::optional<absl::Duration> deadline;
  OutputFormat output = OutputFormat::kTable;
  bool yes = false;
  bool verbose = false;
  bool wait = false;
  bool print_request = false;
  std::optional<std::string> json;
  std::optional<std::int64_t> limit;  // 0: all; nothing: as many as fit the screen, else 50
  bool check = false;
  std::vector<std::string> clear;
  std::vector<std::string> columns;
};

// A command line, taken apart.
struct Invocation {
  enum class Action {
    kHelp,
    kBriefHelp,
    kVersion,
    kCompletionScript,
    kDoctor,
    kOpenConsole,
    kCall
  };
  Action action = Action::kCall;
  const Command* command = nullptr;  // of kCall; of help, if it is about one command
  std::string shell;                 // of kCompletionScript
  std::vector<Flag> flags;           // of the command
  std::vector<FlagUse> uses;
  std::string exporter;  // of kDoctor
  bool notify = false;   // of kDoctor
  Options options;
};

using Environment = std::function<std::optional<std::string>(const std::string& name)>;

// Takes `args` (without the program's name) apart; looks up defaults in `environment`. Nothing is
// read or called yet. INVALID_ARGUMENT is a mistake of the person who typed; its message says
// which.
absl::StatusOr<Invocation> ParseCommandLine(const Schema& schema,
                                            const std::vector<std::string>& args,
                                            const Environment& environment);

// Names of the flags that give a sensitive field its value.
std::string FileFlagName(const Flag& flag);
std::string VariableFlagName(const Flag& flag);

}  // namespace logexport::cli

#endif  // LOGEXPORT_CLIENT_CLI_COMMAND_LINE_H_
