#ifndef LOGEXPORT_SERVICE_CONTROL_LIVE_REPORT_H_
#define LOGEXPORT_SERVICE_CONTROL_LIVE_REPORT_H_

#include "logexport/v1/report.pb.h"
#include "service/runs/supervisor.h"
#include "service/state/records.h"

namespace logexport {

// The report of a run at this moment. For one that executes, it has the requests, retries, waits on
// limits and warnings since the last commit, too, and says what the run waits for.
v1::Report LiveReport(Supervisor& supervisor, RunRecord run, bool with_types);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_CONTROL_LIVE_REPORT_H_
