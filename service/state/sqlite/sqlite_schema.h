#ifndef LOGEXPORT_SERVICE_STATE_SQLITE_SQLITE_SCHEMA_H_
#define LOGEXPORT_SERVICE_STATE_SQLITE_SQLITE_SCHEMA_H_

#include <vector>

#include "absl/status/status.h"

#include "service/state/migrations.h"
#include "service/state/sql_session.h"

namespace logexport {

// Takes the database from schema `version` to the end of `migrations`, each step in a transaction
// of its own, so that a crash leaves a version that the next start goes on from.
absl::Status Migrate(SqlSession& session, int version, const std::vector<Migration>& migrations);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_STATE_SQLITE_SQLITE_SCHEMA_H_
