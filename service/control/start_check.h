#ifndef LOGEXPORT_SERVICE_CONTROL_START_CHECK_H_
#define LOGEXPORT_SERVICE_CONTROL_START_CHECK_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"

#include "service/control/caller.h"
#include "service/control/control_environment.h"
#include "service/state/records.h"
#include "service/state/transaction.h"

namespace logexport {

namespace v1 {
class ExporterConfig;
}  // namespace v1

// Asks Auth0 for the log that a position names. A warning, START_LOG_UNKNOWN, if Auth0 does not
// have it. Nothing if it has, if the position names no log or a made-up one, and if Auth0 cannot be
// asked now: the first run from there asks again. Blocks for one request of a few seconds at most,
// so it is not to be called in a transaction.
std::optional<RunWarning> CheckNamedStart(const ControlEnvironment& environment,
                                          const std::string& exporter, const Position& start,
                                          const CallLimits& limits);

// What to warn of when a configuration names another tenant and the checkpoint stays: it is a place
// in the logs of the tenant before, and whatever sorts before it in the new one's is not exported.
// Empty if the tenant is the same, or no log was exported yet.
absl::StatusOr<std::string> WarnOfOtherTenant(Transaction& tx, const std::string& exporter,
                                              const v1::ExporterConfig& before,
                                              const v1::ExporterConfig& after);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_CONTROL_START_CHECK_H_
