#ifndef LOGEXPORT_CLIENT_CLI_COMMON_OPTIONS_H_
#define LOGEXPORT_CLIENT_CLI_COMMON_OPTIONS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

#include "client/cli/api_schema.h"

namespace logexport::cli {

// A flag that belongs to the program instead of to a request.
struct CommonOption {
  enum class Scope {
    kEverywhere,
    kCalls,     // every RPC
    kLists,     // RPCs that answer with a list
    kPages,     // RPCs that answer page by page
    kStarters,  // RPCs that start a run
    kUpdates,   // RPCs with an update mask
    kVerdicts,  // RPCs that answer with a verdict
  };

  absl::string_view name;
  char short_name = 0;
  absl::string_view value;  // what stands for the value in help; empty: takes none
  std::vector<std::string> choices;
  absl::string_view environment;  // variable with the default
  absl::string_view help;
  Scope scope = Scope::kEverywhere;
};

// All of them, in the order of help.
const std::vector<CommonOption>& CommonOptions();

// Whether the option is offered with `command`; null stands for no command.
bool Applies(const CommonOption& option, const Command* command);

// Whether a field must not take this name for its flag.
bool IsReservedName(absl::string_view name);

}  // namespace logexport::cli

#endif  // LOGEXPORT_CLIENT_CLI_COMMON_OPTIONS_H_
