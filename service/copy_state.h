#ifndef LOGEXPORT_SERVICE_COPY_STATE_H_
#define LOGEXPORT_SERVICE_COPY_STATE_H_

#include "absl/status/status.h"

#include "service/server_options.h"

namespace logexport {

// What a state that was refused means for whoever started the program: the exit status tells
// whether there is something to correct, or only to wait for. `shared`: it is on a server.
int ExitOfState(const absl::Status& status, bool shared);

// `--copy-state`: copies the file into the database, prints what was copied, and answers the exit
// status.
int CopyState(const ServerOptions& options);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_COPY_STATE_H_
