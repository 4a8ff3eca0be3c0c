#ifndef LOGEXPORT_SERVICE_STATE_SQLITE_SQLITE_ERROR_H_
#define LOGEXPORT_SERVICE_STATE_SQLITE_SQLITE_ERROR_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace logexport {

// An error as SQLite tells it.
struct SqlError {
  int code = 0;          // extended result code, https://www.sqlite.org/rescode.html
  int system_error = 0;  // errno behind an I/O error, or 0
  std::string message;   // SQLite's words, without values
};

// The status for an error of the database file at `path`: its code as in Transaction, its message
// telling what happened and what to do.
absl::Status ToStatus(const SqlError& error, absl::string_view path);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_STATE_SQLITE_SQLITE_ERROR_H_
