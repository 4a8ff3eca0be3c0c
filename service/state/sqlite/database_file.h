#ifndef LOGEXPORT_SERVICE_STATE_SQLITE_DATABASE_FILE_H_
#define LOGEXPORT_SERVICE_STATE_SQLITE_DATABASE_FILE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace logexport {

// Marks a database file as ours (PRAGMA application_id): "LgEx".
inline constexpr int kApplicationId = 0x4c674578;

// Looks at the database at `path` without changing a byte of it or of its write-ahead log, and
// answers its schema version: 0 for one that is still empty.
//   NOT_FOUND            there is no file
//   FAILED_PRECONDITION  not an SQLite database, damaged, of another program, or of a version newer
//                        than `newest`
//   PERMISSION_DENIED, UNAVAILABLE  it cannot be read
// Damage is looked for where that takes no time: in the header and the schema, and in small files
// everywhere.
absl::StatusOr<int> InspectDatabase(const std::string& path, int newest);

// Creates an empty file that only this user can read; SQLite gives its companions the same mode.
// Leaves an existing one alone.
absl::Status CreateDatabaseFile(const std::string& path);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_STATE_SQLITE_DATABASE_FILE_H_
