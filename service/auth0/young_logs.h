#ifndef LOGEXPORT_SERVICE_AUTH0_YOUNG_LOGS_H_
#define LOGEXPORT_SERVICE_AUTH0_YOUNG_LOGS_H_

#include "absl/time/time.h"

#include "service/export/log.h"

namespace logexport {

// Auth0 does not promise that logs become visible in the order of their ids. So that a late one
// with a lower id is not jumped, logs younger than `horizon` (by the time in the id, or by `date`
// where the id carries none), and all that follow the first of them, are taken from `page` and
// left for the next run. A log without any time counts as old.
void LeaveOutYoungLogs(absl::Time horizon, Page* page);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_AUTH0_YOUNG_LOGS_H_
