#ifndef LOGEXPORT_SERVICE_BASE_CRASH_POINT_H_
#define LOGEXPORT_SERVICE_BASE_CRASH_POINT_H_

#include "absl/strings/string_view.h"

namespace logexport {

// The exit status of a process that a crash point ended, so that a test knows it was the intended
// one.
inline constexpr int kCrashPointExitStatus = 85;

// Ends the process on the spot, as kill -9 would, when the environment variable
// LOGEXPORT_CRASH_POINT is "NAME" or "NAME:N" and this is the N-th passage of the point of that
// name. For crash tests (tests/crash/); without the variable it costs a load and a branch.
//
// Of a run: after_fetch (a page), before_send and after_send (a batch), before_commit,
// inside_commit (the checkpoint is moved, the account not yet written) and after_commit,
// before_finish, inside_finish (before the next run takes over) and after_finish (its end is on
// record). Of a message: before_notify and after_notify (it is sent, which is not on record yet).
void CrashPoint(absl::string_view name);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_BASE_CRASH_POINT_H_
