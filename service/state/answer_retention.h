#ifndef LOGEXPORT_SERVICE_STATE_ANSWER_RETENTION_H_
#define LOGEXPORT_SERVICE_STATE_ANSWER_RETENTION_H_

#include "absl/time/time.h"

namespace logexport {

// How long the answer to a write request is stored, so that a repeated request gets it again. The
// API promises this time.
inline constexpr absl::Duration kAnswersKept = absl::Hours(24);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_STATE_ANSWER_RETENTION_H_
