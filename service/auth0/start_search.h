#ifndef LOGEXPORT_SERVICE_AUTH0_START_SEARCH_H_
#define LOGEXPORT_SERVICE_AUTH0_START_SEARCH_H_

#include "absl/status/statusor.h"

#include "service/auth0/log_reader.h"
#include "service/export/log_source.h"
#include "service/state/records.h"

namespace logexport {

// Turns `position` into one to read after or at (see LogSource::Resolve).
//
// Auth0 reads on by id, but finds by date, and the order of ids is that of arrival: a log's date is
// up to some seconds before the time in its id. Where ids carry time, a start therefore is an id
// made from a time well before the one wanted. Where they do not, it is the lowest id of those
// found by date, which is the best there is. Where there are no logs at all, nothing is assumed
// about the ids to come, and the answer is a position that is to be resolved again later.
absl::StatusOr<Position> ResolveStart(const Position& position, LogReader* reader,
                                      const CallContext& context);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_AUTH0_START_SEARCH_H_
