#include "service/state/sqlite/sqlite_error.h"

#include <cerrno>

#include "absl/strings/str_cat.h"
#include <sqlite3.h>

#include "service/state/file_error.h"

namespace logexport {
namespace {

std::string Describe(absl::string_view path, absl::string_view what, absl::string_view action,
                     const SqlError& error) {
  return absl::StrCat("state store ", path, ": ", what, "; ", action, " (SQLite: ", error.message,
                      ", code ", error.code, ")");
}

}  // namespace

absl::Status ToStatus(const SqlError& error, absl::string_view path) {
  switch (error.code & 0xff) {
    case SQLITE_FULL:
      return absl::ResourceExhaustedError(
          Describe(path, "its disk is full", "free space on it; nothing is lost meanwhile", error));
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return absl::PermissionDeniedError(
          Describe(path, "it cannot be written",
                   "let the user of this process write the file and its directory", error));
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return absl::UnavailableError(Describe(path, "it is locked by another program",
                                             "close the program that has it open, and try again",
                                             error));
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return absl::DataLossError(
          Describe(path, "it is damaged or no SQLite database",
                   "restore it from a backup, or move it away to start afresh", error));
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
      if (error.system_error != 0) {
        return FileError(error.system_error,
                         absl::StrCat("state store ", path, ": ", error.message));
      }
      return absl::UnavailableError(
          Describe(path, "it cannot be read or written", "check its disk", error));
    case SQLITE_NOMEM:
      return absl::ResourceExhaustedError(
          Describe(path, "no memory is left", "give the process more", error));
    case SQLITE_CONSTRAINT:
      switch (error.code) {
        case SQLITE_CONSTRAINT_FOREIGNKEY:
          return absl::NotFoundError("there is no such exporter");
        case SQLITE_CONSTRAINT_PRIMARYKEY:
        case SQLITE_CONSTRAINT_UNIQUE:
          return absl::AlreadyExistsError(absl::StrCat("it exists already (", error.message, ")"));
        default:
          break;
      }
      [[fallthrough]];
    default:
      return absl::InternalError(
          Describe(path, "a statement failed", "report this as a bug", error));
  }
}

}  // namespace logexport
