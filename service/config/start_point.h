#ifndef LOGEXPORT_SERVICE_CONFIG_START_POINT_H_
#define LOGEXPORT_SERVICE_CONFIG_START_POINT_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "service/state/records.h"

namespace logexport {

// Whether Auth0 could have given a log this id. Ids are opaque, so this only refuses what no id can
// be: the empty text, more than 256 characters, and anything but visible ASCII. INVALID_ARGUMENT,
// worded as the end of a sentence.
absl::Status CheckLogId(absl::string_view id);

// Reads START_FROM: `earliest`, `latest`, an RFC 3339 time, a date (its start in UTC), or the id of
// a log, after which the export starts. `now` is when it was asked for: what `latest` refers to,
// and the bound for times, which must not lie in the future. INVALID_ARGUMENT for what looks like a
// misspelt word or a wrong date, too; worded as the end of a sentence about the field.
absl::StatusOr<Position> ParseStartPoint(absl::string_view text, absl::Time now);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_CONFIG_START_POINT_H_
