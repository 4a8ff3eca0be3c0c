#ifndef LOGEXPORT_SERVICE_STATE_POSTGRESQL_POSTGRESQL_SCHEMA_H_
#define LOGEXPORT_SERVICE_STATE_POSTGRESQL_POSTGRESQL_SCHEMA_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "service/state/migrations.h"
#include "service/state/sql_session.h"

namespace logexport {

// What the schema says that is first in the connection's search_path.
struct SchemaState {
  std::string schema;     // its name
  int version = 0;        // 0: it is empty, so a store can be made in it
  int readable_from = 0;  // programs that know this version can use it
};

// Looks at the schema without changing anything. `where` is for messages.
//   FAILED_PRECONDITION  it holds another program's tables, or is only for newer programs than one
//                        that knows `newest`; there is no such schema
//   PERMISSION_DENIED    rights are missing, for what has to be done
absl::StatusOr<SchemaState> InspectSchema(SqlSession& session, const std::string& where,
                                          int newest);

// Takes the schema to the end of `migrations`, each step in a transaction of its own. Several
// processes may do so at the same time: each step is taken once. A schema that is newer already
// is left as it is.
absl::Status MigrateSchema(SqlSession& session, const std::string& where,
                           const std::vector<Migration>& migrations);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_STATE_POSTGRESQL_POSTGRESQL_SCHEMA_H_
