#ifndef LOGEXPORT_SERVICE_STATE_POSTGRESQL_POSTGRESQL_CONNECTION_H_
#define LOGEXPORT_SERVICE_STATE_POSTGRESQL_POSTGRESQL_CONNECTION_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"

#include "service/state/postgresql/connection_target.h"
#include "service/state/postgresql/postgresql_error.h"
#include "service/state/sql_session.h"

struct pg_conn;
struct pg_result;

namespace logexport {

struct ClearResult {
  void operator()(pg_result* result) const;
};
using PostgresqlResult = std::unique_ptr<pg_result, ClearResult>;

// A value as it is sent.
struct PostgresqlValue {
  PostgresqlValue(std::string text) : bytes(std::move(text)) {}
  // `list`: a JSON list of strings, whose strings are stored texts.
  explicit PostgresqlValue(const SqlValue& value, bool list = false);

  std::string bytes;
  bool null = false;
  bool blob = false;
};

// A statement to be sent, with the values of $1 to $n.
struct PostgresqlStatement {
  std::string text;
  std::vector<PostgresqlValue> values;
};

// What came of statements that were sent together.
struct Exchanged {
  std::vector<PostgresqlResult> results;  // of those that succeeded, in order
  // Why the next one did not. Neither it nor those behind it did anything.
  std::optional<PostgresqlError> error;
  // The answer did not come in time. The connection is closed; what the server does is unknown.
  bool timed_out = false;
};

// One connection to a server, over libpq's calls that do not block: everything has a time limit of
// ours, because neither TCP nor the server's settings notice a server that is frozen. Statements
// are unnamed, so that a pooler may give every transaction another connection of its own. Used by
// one thread at a time.
class PostgresqlConnection {
 public:
  // Connects to the first server of `target` that lets us in and takes writes, within `limit`
  // altogether; each server gets its share. (Names are looked up by the system, in its own time.)
  // FAILED_PRECONDITION for a server that is too old or a database in another encoding than UTF-8.
  static absl::StatusOr<std::unique_ptr<PostgresqlConnection>> Connect(
      const ConnectionTarget& target, absl::Duration limit);

  ~PostgresqlConnection();
  PostgresqlConnection(const PostgresqlConnection&) = delete;
  PostgresqlConnection& operator=(const PostgresqlConnection&) = delete;

  // Sends all statements at once and reads all answers: one round trip. Stops at the first error.
  Exchanged Run(absl::Span<const PostgresqlStatement> statements, absl::Duration limit);

  // False once the connection is lost or was given up; then it is of no more use.
  bool usable() const { return usable_; }

  // The server's state according to its last answer.
  bool in_transaction() const;

  // Warnings of the server since the last call: after a COMMIT, that it may not be replicated.
  std::vector<std::string> TakeWarnings();

 private:
  explicit PostgresqlConnection(pg_conn* connection);

  bool Send(const PostgresqlStatement& statement);
  PostgresqlError LastError();

  pg_conn* const connection_;
  std::vector<std::string> warnings_;
  bool usable_ = true;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_STATE_POSTGRESQL_POSTGRESQL_CONNECTION_H_
