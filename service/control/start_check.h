#ifndef LOGEXPORT_SERVICE_CONTROL_START_CHECK_H_
#define LOGEXPORT_SERVICE_CONTROL_START_CHECK_H_

#include <optional>
#include <string>

#include "service/control/caller.h"
#include "service/control/control_environment.h"
#include "service/state/records.h"

namespace logexport {

// Asks Auth0 for the log that a position names. A warning, START_LOG_UNKNOWN, if Auth0 does not
// have it. Nothing if it has, if the position names no log or a made-up one, and if Auth0 cannot be
// asked now: the first run from there asks again. Blocks for one request of a few seconds at most,
// so it is not to be called in a transaction.
std::optional<RunWarning> CheckNamedStart(const ControlEnvironment& environment,
                                          const std::string& exporter, const Position& start,
                                          const CallLimits& limits);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_CONTROL_START_CHECK_H_
