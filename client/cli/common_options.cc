#include "client/cli/common_options.h"

#include "client/cli/api_conventions.h"

namespace logexport::cli {

const std::vector<CommonOption>& CommonOptions() {
  using Scope = CommonOption::Scope;
  static const auto& options = *new std::vector<CommonOption>{
      {"wait",
       0,
       "",
       {},
       "",
       "Follow the run until it ends; the exit code tells how it ended.",
       Scope::kStarters},
      {"check",
       0,
       "",
       {},
       "",
       "Exit with 0 if all is well, 10 if something needs attention, 11 if it is failing.",
       Scope::kVerdicts},
      {"limit",
       0,
       "N",
       {},
       "",
       "Most items to list, 0 for all. Default: what fits the screen, else 50.",
       Scope::kPages},
      {"clear",
       0,
       "FIELD",
       {},
       "",
       "Return a setting to its default, e.g. `--clear schedule.jitter`. May be repeated.",
       Scope::kUpdates},
      {"json",
       0,
       "JSON|@FILE|-",
       {},
       "",
       "The request, or a part of it, as JSON. Flags are applied on top.",
       Scope::kCalls},
      {"print-request",
       0,
       "",
       {},
       "",
       "Print the request and the equivalent grpcurl line; send nothing.",
       Scope::kCalls},
      {"columns",
       0,
       "FIELDS",
       {},
       "",
       "Columns of the table, e.g. `run_id,ledger.accepted` or `runId,ledger.accepted`.",
       Scope::kLists},

      {"output",
       'o',
       "FORMAT",
       {"table", "json", "yaml", "jsonl"},
       "LOGEXPORT_OUTPUT",
       "How to print answers. Default table.",
       Scope::kEverywhere},
      {"yes",
       'y',
       "",
       {},
       "",
       "Do not ask before calls that can lose or repeat data.",
       Scope::kEverywhere},
      {"server",
       0,
       "HOST:PORT",
       {},
       "LOGEXPORT_SERVER",
       "Address of the service. Default 127.0.0.1:50051.",
       Scope::kEverywhere},
      {"token-file",
       0,
       "FILE",
       {},
       "LOGEXPORT_TOKEN_FILE",
       "File with the bearer token.",
       Scope::kEverywhere},
      {"tls-ca",
       0,
       "FILE",
       {},
       "LOGEXPORT_TLS_CA",
       "Authorities to trust, as PEM. Default: those of the system.",
       Scope::kEverywhere},
      {"tls-cert",
       0,
       "FILE",
       {},
       "LOGEXPORT_TLS_CERT",
       "Client certificate, as PEM.",
       Scope::kEverywhere},
      {"tls-key",
       0,
       "FILE",
       {},
       "LOGEXPORT_TLS_KEY",
       "Key of the client certificate, as PEM.",
       Scope::kEverywhere},
      {"plaintext",
       0,
       "",
       {},
       "",
       "Do not encrypt. Default for loopback addresses; elsewhere TLS is the default.",
       Scope::kEverywhere},
      {"deadline",
       0,
       "DURATION",
       {},
       "",
       "Longest time to wait. Default 30s for answers, no limit for following a run.",
       Scope::kEverywhere},
      {"verbose", 'v', "", {}, "", "Say on standard error what is sent.", Scope::kEverywhere},
      {"help", 'h', "", {}, "", "Help. `-h` is the short form.", Scope::kEverywhere},
  };
  return options;
}

bool Applies(const CommonOption& option, const Command* command) {
  switch (option.scope) {
    case CommonOption::Scope::kEverywhere:
      return true;
    case CommonOption::Scope::kCalls:
      return command != nullptr;
    case CommonOption::Scope::kLists:
      return command != nullptr && !command->method->server_streaming() &&
             ListField(command->method->output_type()) != nullptr;
    case CommonOption::Scope::kPages:
      return command != nullptr && PagingOf(command->method);
    case CommonOption::Scope::kStarters:
      return command != nullptr && command->followed_by != nullptr;
    case CommonOption::Scope::kVerdicts:
      return command != nullptr && !command->method->server_streaming() &&
             VerdictField(command->method->output_type()) != nullptr;
    case CommonOption::Scope::kUpdates:
      return command != nullptr && UpdateMaskField(command->method->input_type()) != nullptr;
  }
  return false;
}

bool IsReservedName(absl::string_view name) {
  for (const CommonOption& option : CommonOptions()) {
    if (option.name == name) return true;
  }
  return name == "version";
}

}  // namespace logexport::cli
