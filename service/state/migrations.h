#ifndef LOGEXPORT_SERVICE_STATE_MIGRATIONS_H_
#define LOGEXPORT_SERVICE_STATE_MIGRATIONS_H_

#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

#include "service/state/sql_session.h"

namespace logexport {

// A step of the schema: the statements that lead to `version` from the one before.
struct Migration {
  int version = 0;
  std::vector<absl::string_view> statements;
};

// All steps in order, from an empty database on. A step that was released is never changed.
const std::vector<Migration>& Migrations();

int NewestSchemaVersion();

// Takes the database from schema `version` to the end of `migrations`, each step in a transaction
// of its own, so that a crash leaves a version that the next start goes on from.
absl::Status Migrate(SqlSession& session, int version, const std::vector<Migration>& migrations);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_STATE_MIGRATIONS_H_
