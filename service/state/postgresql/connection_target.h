#ifndef LOGEXPORT_SERVICE_STATE_POSTGRESQL_CONNECTION_TARGET_H_
#define LOGEXPORT_SERVICE_STATE_POSTGRESQL_CONNECTION_TARGET_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace logexport {

// Where a database is, and as whom to connect: what libpq makes of its URI or of "key=value" words,
// of its environment (PGHOST …) and of its password file.
class ConnectionTarget {
 public:
  // INVALID_ARGUMENT, without showing any of `text`, which may hold a password.
  static absl::StatusOr<ConnectionTarget> Parse(const std::string& text);

  using Parameters = std::vector<std::pair<std::string, std::string>>;
  // The servers to try, in order; each is one host. libpq can try several hosts itself, but without
  // a time limit for each when the caller does the waiting.
  const std::vector<Parameters>& servers() const { return servers_; }

  // For people: user, host, port and database, without a password.
  const std::string& shown() const { return shown_; }

 private:
  std::vector<Parameters> servers_;
  std::string shown_;
};

// Whether a value of --state names a PostgreSQL database.
bool NamesPostgresql(absl::string_view url);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_STATE_POSTGRESQL_CONNECTION_TARGET_H_
