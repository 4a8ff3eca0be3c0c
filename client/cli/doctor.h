#ifndef LOGEXPORT_CLIENT_CLI_DOCTOR_H_
#define LOGEXPORT_CLIENT_CLI_DOCTOR_H_

#include "client/cli/api_schema.h"
#include "client/cli/cli_context.h"
#include "client/cli/command_line.h"

namespace logexport::cli {

// Checks what lies between the person and a working export, step by step: address, connection,
// TLS, version, clock, identity, status, and, where the caller's role allows it, the exporter's
// settings against Auth0, Segment and, if asked to, Slack. Prints what was found and what to do.
// Returns kExitOk, kExitAttention or kExitFailing.
int RunDoctor(const CliContext& context, const Schema& schema, const Invocation& invocation);

}  // namespace logexport::cli

#endif  // LOGEXPORT_CLIENT_CLI_DOCTOR_H_
