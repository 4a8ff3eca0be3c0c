#ifndef LOGEXPORT_SERVICE_STATE_POSTGRESQL_POSTGRESQL_ERROR_H_
#define LOGEXPORT_SERVICE_STATE_POSTGRESQL_POSTGRESQL_ERROR_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace logexport {

// An error as PostgreSQL tells it.
struct PostgresqlError {
  std::string sqlstate;  // five characters; empty when the connection failed without one
  std::string message;   // the server's words, without DETAIL, which may hold values
};

// What an error means for the connection and for the transaction.
enum class ErrorKind {
  kRefusedRow,      // of class 23: a row that is there already, or whose exporter is not
  kConflict,        // 40001, 40P01: the transaction was undone to let another one through
  kWrongNode,       // 25006: the server only reads; after a failover it is the wrong one
  kConnectionLost,  // what was going on is undone, or was a COMMIT in doubt
  kOther,
};
ErrorKind KindOf(const PostgresqlError& error);

// The status for an error of the database that is shown as `where`: its code as in Transaction, its
// message telling what happened and what to do.
absl::Status ToStatus(const PostgresqlError& error, absl::string_view where);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_STATE_POSTGRESQL_POSTGRESQL_ERROR_H_
