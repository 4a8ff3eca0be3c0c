#ifndef LOGEXPORT_SERVICE_CONTROL_CONFIG_PROBE_H_
#define LOGEXPORT_SERVICE_CONTROL_CONFIG_PROBE_H_

#include <vector>

#include "absl/status/status.h"

#include "logexport/v1/config.pb.h"
#include "service/base/clock.h"
#include "service/control/caller.h"
#include "service/export/components.h"
#include "service/export/notifier.h"
#include "service/export/settings.h"

namespace logexport {

// Whether trying the settings may send messages that people and programs take for news.
enum class TestMessages { kSkip, kSend };

// Tries settings live: a token from Auth0, the rights to read logs and, if profiles are enabled,
// users, whether the Segment endpoint answers, and, with kSend, a test message to each receiver of
// messages that is configured. Blocks for the exchanges; bounded by their timeouts and by `limits`.
std::vector<v1::Probe> ProbeSettings(const ExporterSettings& settings, TestMessages messages,
                                     ComponentFactory& factory, const Notifiers& notifiers,
                                     Clock& clock, const CallLimits& limits);

// FAILED_PRECONDITION / PROBE_FAILED naming every failed probe; UNAVAILABLE / SHUTTING_DOWN if they
// failed because `limits` stopped them.
absl::Status ProbesPassed(const std::vector<v1::Probe>& probes, const CallLimits& limits);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_CONTROL_CONFIG_PROBE_H_
