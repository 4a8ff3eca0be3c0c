#ifndef LOGEXPORT_SERVICE_RUN_ONCE_H_
#define LOGEXPORT_SERVICE_RUN_ONCE_H_

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "service/application.h"
#include "service/wait_for_stop.h"

namespace logexport {

// Runs every exporter once, all at the same time, prints each report to standard output as its run
// ends, sends the Slack messages that are due, and answers whether all runs succeeded. If the
// process is asked to end meanwhile, exchanges in progress get `grace` to finish, and messages not
// sent yet are left to the next process. Start the supervisor before; it is shut down here. For
// cron and Kubernetes jobs.
absl::StatusOr<bool> RunAllOnce(Application& application, absl::Duration grace,
                                const WaitForStop& wait_for_stop);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_RUN_ONCE_H_
