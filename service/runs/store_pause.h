#ifndef LOGEXPORT_SERVICE_RUNS_STORE_PAUSE_H_
#define LOGEXPORT_SERVICE_RUNS_STORE_PAUSE_H_

#include "absl/time/time.h"

namespace logexport {

// How long to wait before the next try after the store could not be read or written.
inline constexpr absl::Duration kStorePause = absl::Seconds(5);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_RUNS_STORE_PAUSE_H_
