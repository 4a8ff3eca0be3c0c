#ifndef LOGEXPORT_SERVICE_SCHEDULE_TIME_ZONE_H_
#define LOGEXPORT_SERVICE_SCHEDULE_TIME_ZONE_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace logexport {

// The zone of an IANA name such as Europe/Berlin, from this machine's zone database; UTC for an
// empty name. InvalidArgument quotes the name and shows good ones. Safe for names that come over
// the network: file paths and "localtime", which the zone loader would take as well, are refused.
absl::StatusOr<absl::TimeZone> LoadZone(absl::string_view name);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_SCHEDULE_TIME_ZONE_H_
