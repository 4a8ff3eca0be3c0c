#ifndef LOGEXPORT_SERVICE_CONTROL_VERDICT_H_
#define LOGEXPORT_SERVICE_CONTROL_VERDICT_H_

#include "absl/time/time.h"

#include "logexport/v1/status.pb.h"

namespace logexport {

// Whether the exporter does its work and what to do if it does not: the most urgent thing that the
// rest of `status` tells. Every client shows the same verdict, because only the service makes it.
// Pure.
v1::Verdict VerdictOf(const v1::GetStatusResponse& status, absl::Time now);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_CONTROL_VERDICT_H_
