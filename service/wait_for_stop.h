#ifndef LOGEXPORT_SERVICE_WAIT_FOR_STOP_H_
#define LOGEXPORT_SERVICE_WAIT_FOR_STOP_H_

#include <functional>
#include <stop_token>

namespace logexport {

// Blocks until the process is asked to end, and answers true; false when its token was requested
// before that. Called at most once, in any thread.
using WaitForStop = std::function<bool(const std::stop_token&)>;

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_WAIT_FOR_STOP_H_
