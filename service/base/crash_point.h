#ifndef LOGEXPORT_SERVICE_BASE_CRASH_POINT_H_
#define LOGEXPORT_SERVICE_BASE_CRASH_POINT_H_

#include "absl/strings/string_view.h"

namespace logexport {

// The exit status of a process that a crash point ended, so that a test knows it was the intended
// one.
inline constexpr int kCrashPointExitStatus = 85;

// Ends the process on the spot, as kill -9 would, when the environment variable
// LOGEXPORT_CRASH_POINT is "NAME" or "NAME:N" and this is the N-th passage of the point of that
// name. For crash tests; without the variable it costs a load and a branch.
void CrashPoint(absl::string_view name);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_BASE_CRASH_POINT_H_
