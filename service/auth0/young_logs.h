#ifndef LOGEXPORT_SERVICE_AUTH0_YOUNG_LOGS_H_
#define LOGEXPORT_SERVICE_AUTH0_YOUNG_LOGS_H_

#include "absl/time/time.h"

#include "service/export/log.h"

namespace logexport {

// Marks the logs of `page` whose date is later than `now`, the source's own time, as dated ahead.
// Such a date tells nothing about the age of the log.
void MarkDatedAhead(absl::Time now, Page* page);

// Auth0 does not promise that logs become visible in the order of their ids. So that a late one
// with a lower id is not jumped, logs younger than `horizon` and all that follow the first of them
// are taken from `page` and left for a later run. The age of a log is told by the time in its id,
// or by a credible date where the id carries none. A log without any time counts as old.
//
// An id that is later than `now` is left out as well: once the checkpoint had passed it, all logs
// until then would be jumped.
void LeaveOutYoungLogs(absl::Time horizon, absl::Time now, Page* page);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_AUTH0_YOUNG_LOGS_H_
