#ifndef LOGEXPORT_SERVICE_RUN_ONCE_H_
#define LOGEXPORT_SERVICE_RUN_ONCE_H_

#include "absl/status/statusor.h"

#include "service/application.h"

namespace logexport {

// Runs every exporter once, side by side, prints each report to standard output as it ends, and
// answers whether all succeeded. The supervisor must have been started. For cron and Kubernetes
// jobs.
absl::StatusOr<bool> RunAllOnce(Application& application);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_RUN_ONCE_H_
