#ifndef LOGEXPORT_SERVICE_SERVER_H_
#define LOGEXPORT_SERVICE_SERVER_H_

#include "service/server_options.h"
#include "service/wait_for_stop.h"

namespace logexport {

// Builds everything, serves until `wait_for_stop` returns, drains, and answers the exit status.
// With check_config or run_once it does that one thing instead of serving.
int RunServer(const ServerOptions& options, const WaitForStop& wait_for_stop);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_SERVER_H_
