#ifndef LOGEXPORT_SERVICE_RUN_ONCE_H_
#define LOGEXPORT_SERVICE_RUN_ONCE_H_

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "service/application.h"
#include "service/server.h"

namespace logexport {

// Runs every exporter once, side by side, prints each report to standard output as it ends, tells
// Slack what there is to tell, and answers whether all succeeded. When the process is asked to end
// meanwhile, the runs end as those of the service do, with `grace` for what is in flight, and what
// is not told yet is left to the next process. The supervisor must have been started; it is shut
// down. For cron and Kubernetes jobs.
absl::StatusOr<bool> RunAllOnce(Application& application, absl::Duration grace,
                                const WaitForStop& wait_for_stop);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_RUN_ONCE_H_
