#ifndef LOGEXPORT_CLIENT_CLI_LIVE_VALUES_H_
#define LOGEXPORT_CLIENT_CLI_LIVE_VALUES_H_

#include <string>
#include <vector>

#include "client/cli/cli_context.h"
#include "client/cli/completion.h"

namespace logexport::cli {

// LiveValues for completion, from the service. Quick or nothing: a shell waits for it.
std::vector<Candidate> FetchLiveValues(const CliContext& context, const Schema& schema,
                                       const Command& list,
                                       const google::protobuf::FieldDescriptor* field,
                                       const Options& options, const std::string& exporter);

}  // namespace logexport::cli

#endif  // LOGEXPORT_CLIENT_CLI_LIVE_VALUES_H_
