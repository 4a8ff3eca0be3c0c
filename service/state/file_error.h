#ifndef LOGEXPORT_SERVICE_STATE_FILE_ERROR_H_
#define LOGEXPORT_SERVICE_STATE_FILE_ERROR_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace logexport {

// The status for a failed system call on a file of the store: what failed (`what`, which names the
// file), the system's words for `error` (an errno), and what to do.
absl::Status FileError(int error, absl::string_view what);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_STATE_FILE_ERROR_H_
