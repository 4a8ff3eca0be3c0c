#ifndef LOGEXPORT_SERVICE_RUNS_RUN_LOG_H_
#define LOGEXPORT_SERVICE_RUNS_RUN_LOG_H_

#include <cstddef>

#include "service/state/records.h"

namespace logexport {

// The lines that the log has of every run.
void LogRunStart(const RunRecord& run);
void LogRunEnd(const RunRecord& run);
// What was found out when the end was stored; `known` warnings the run had before that.
void LogEndFindings(const RunRecord& run, std::size_t known);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_RUNS_RUN_LOG_H_
