#ifndef LOGEXPORT_SERVICE_RUNS_TRUSTED_TIME_H_
#define LOGEXPORT_SERVICE_RUNS_TRUSTED_TIME_H_

#include "absl/time/time.h"

#include "service/base/clock.h"
#include "service/runs/component_cache.h"

namespace logexport {

// The time to decide and delete by: the host's, unless Auth0's answers contradict it by more than a
// few seconds; then it is Auth0's. Before the first answer of this process it is the host's.
absl::Time TrustedNow(Clock& clock, ComponentCache& components);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_RUNS_TRUSTED_TIME_H_
