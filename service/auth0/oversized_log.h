#ifndef LOGEXPORT_SERVICE_AUTH0_OVERSIZED_LOG_H_
#define LOGEXPORT_SERVICE_AUTH0_OVERSIZED_LOG_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "service/auth0/log_reader.h"
#include "service/export/log_source.h"

namespace logexport {

// A page with a log of which only the id is known, because it is too large by itself (defect
// kTooLarge).
Page OversizedLog(absl::string_view id);

// The same for the first log after `from`, which is too large to be read; its id, date and type are
// learned by a search. Fails (transient) rather than name a log that is not certainly that one.
absl::StatusOr<Page> FindOversizedLog(absl::string_view from, LogReader* reader,
                                      const CallContext& context);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_AUTH0_OVERSIZED_LOG_H_
