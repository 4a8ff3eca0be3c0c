#ifndef LOGEXPORT_CLIENT_CLI_VERDICT_LINE_H_
#define LOGEXPORT_CLIENT_CLI_VERDICT_LINE_H_

#include <optional>
#include <string>

#include <google/protobuf/message.h>

#include "logexport/v1/status.pb.h"

namespace logexport::cli {

// The verdict that the answer holds; nothing where it holds none.
std::optional<v1::Verdict> VerdictOf(const google::protobuf::Message& answer);

// "WELL: the last successful run ended 3m ago", "FAILING: Auth0 refused the secret. Set …".
std::string VerdictLine(const v1::Verdict& verdict);

// What a script is told by --check.
int ExitCodeOf(const v1::Verdict& verdict);

// `text` between the control sequences that show it in the colour of `health`.
std::string Coloured(const std::string& text, v1::Health health);

}  // namespace logexport::cli

#endif  // LOGEXPORT_CLIENT_CLI_VERDICT_LINE_H_
