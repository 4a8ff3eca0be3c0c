#include "service/state/sqlite/sqlite_schema.h"

#include "absl/strings/str_cat.h"

#include "service/base/status_macros.h"
#include "service/state/sqlite/database_file.h"

namespace logexport {
namespace {

absl::Status RunMigration(SqlSession& session, const Migration& migration) {
  for (const absl::string_view statement : migration.statements) {
    RETURN_IF_ERROR(session.Execute(statement).status());
  }
  return session.Execute(absl::StrCat("PRAGMA user_version = ", migration.version)).status();
}

}  // namespace

absl::Status Migrate(SqlSession& session, int version, const std::vector<Migration>& migrations) {
  for (const Migration& migration : migrations) {
    if (migration.version <= version) continue;
    RETURN_IF_ERROR(session.Begin());
    absl::Status status = RunMigration(session, migration);
    // Together with the first tables, so that an empty database is never taken for a foreign one.
    if (status.ok() && version == 0) {
      status = session.Execute(absl::StrCat("PRAGMA application_id = ", kApplicationId)).status();
    }
    if (status.ok()) status = session.Commit();
    if (!status.ok()) {
      session.Rollback();
      return absl::Status(status.code(),
                          absl::StrCat("migrating to schema version ", migration.version,
                                       " failed, nothing of it was kept: ", status.message()));
    }
    version = migration.version;
  }
  return absl::OkStatus();
}

}  // namespace logexport
