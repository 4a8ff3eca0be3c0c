#include "service/state/postgresql/postgresql_schema.h"

#include <cstdint>
#include <optional>

#include "absl/strings/str_cat.h"

#include "service/base/status_macros.h"

namespace logexport {
namespace {

// One row; its name is ours alone, so that it tells a store from other programs' tables.
constexpr absl::string_view kVersionTable = R"sql(
CREATE TABLE logexport_schema (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  version INTEGER NOT NULL,
  readable_from INTEGER NOT NULL
))sql";

absl::Status Refused(const std::string& where, absl::string_view why) {
  return absl::FailedPreconditionError(
      absl::StrCat("state store ", where, ": ", why, ". Nothing was changed"));
}

struct Surroundings {
  std::optional<std::string> schema;
  std::string user;
  std::int64_t tables = 0;
  bool has_version = false;
  bool may_create = false;
  std::int64_t locked_tables = 0;
};

absl::StatusOr<Surroundings> LookAround(SqlSession& session) {
  Surroundings found;
  RETURN_IF_ERROR(session.Select(
      "SELECT current_schema(), current_user, "
      "(SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
      " WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p', 'v', 'm', 'f')), "
      "(SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
      " WHERE n.nspname = current_schema() AND c.relname = 'logexport_schema'), "
      "CASE WHEN has_schema_privilege(current_schema(), 'CREATE') THEN 1 ELSE 0 END, "
      "(SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
      " WHERE n.nspname = current_schema() AND c.relkind = 'r' "
      " AND NOT (has_table_privilege(c.oid, 'SELECT') AND has_table_privilege(c.oid, 'INSERT') "
      " AND has_table_privilege(c.oid, 'UPDATE') AND has_table_privilege(c.oid, 'DELETE')))",
      {}, [&found](SqlRow& row) {
        found.schema = row.ReadOptionalText();
        found.user = row.ReadText();
        if (!found.schema.has_value()) return row.SkipAll();
        found.tables = row.ReadInt();
        found.has_version = row.ReadBool();
        found.may_create = row.ReadBool();
        found.locked_tables = row.ReadInt();
      }));
  return found;
}

// The schema's version, locked until the transaction ends.
absl::StatusOr<std::int64_t> LockVersion(SqlSession& session) {
  std::int64_t version = 0;
  RETURN_IF_ERROR(session.Select("SELECT version FROM logexport_schema FOR UPDATE", {},
                                 [&version](SqlRow& row) { version = row.ReadInt(); }));
  return version;
}

absl::Status MakeVersionTable(SqlSession& session) {
  absl::Status made = InTransaction(session, [&]() -> absl::Status {
    RETURN_IF_ERROR(session.Execute(kVersionTable).status());
    return session
        .Execute("INSERT INTO logexport_schema (id, version, readable_from) VALUES (1, 0, 0)")
        .status();
  });
  if (made.ok()) return made;
  // Another process made it at the same moment, which PostgreSQL tells in several ways.
  ASSIGN_OR_RETURN(const Surroundings now, LookAround(session));
  return now.has_version ? absl::OkStatus() : made;
}

}  // namespace

absl::StatusOr<SchemaState> InspectSchema(SqlSession& session, const std::string& where,
                                          int newest) {
  ASSIGN_OR_RETURN(const Surroundings found, LookAround(session));
  if (!found.schema.has_value()) {
    return Refused(where,
                   absl::StrCat("there is no schema in search_path that the user '", found.user,
                                "' may use; create one with CREATE SCHEMA, or correct "
                                "search_path (?options=-csearch_path%3DNAME)"));
  }
  SchemaState state;
  state.schema = *found.schema;
  const auto lacking_rights = [&](absl::string_view what) {
    return absl::PermissionDeniedError(absl::StrCat(
        "state store ", where, ": the user '", found.user, "' may not ", what, " in the schema '",
        state.schema, "'; let it own the schema (ALTER SCHEMA ", state.schema, " OWNER TO ",
        found.user, ") and everything in it. Nothing was changed"));
  };
  if (!found.has_version) {
    if (found.tables > 0) {
      return Refused(where, absl::StrCat("the schema '", state.schema, "' holds ", found.tables,
                                         " tables of another program; give the state a schema or a "
                                         "database of its own"));
    }
    if (!found.may_create) return lacking_rights("create tables");
    return state;
  }
  if (found.locked_tables > 0) return lacking_rights("read and write every table");
  RETURN_IF_ERROR(session.Select("SELECT version, readable_from FROM logexport_schema", {},
                                 [&state](SqlRow& row) {
                                   state.version = static_cast<int>(row.ReadInt());
                                   state.readable_from = static_cast<int>(row.ReadInt());
                                 }));
  if (state.readable_from > newest) {
    return Refused(where, absl::StrCat("it has schema version ", state.version,
                                       ", which programs can use that know version ",
                                       state.readable_from, ", and this one knows up to ", newest,
                                       ". Run the newer program that wrote it, or restore the "
                                       "backup from before the upgrade"));
  }
  if (state.version < newest && !found.may_create) return lacking_rights("change tables");
  return state;
}

absl::Status MigrateSchema(SqlSession& session, const std::string& where,
                           const std::vector<Migration>& migrations) {
  ASSIGN_OR_RETURN(const Surroundings found, LookAround(session));
  if (!found.has_version) RETURN_IF_ERROR(MakeVersionTable(session));
  for (const Migration& migration : migrations) {
    const absl::Status status = InTransaction(session, [&]() -> absl::Status {
      ASSIGN_OR_RETURN(const std::int64_t version, LockVersion(session));
      if (version >= migration.version) return absl::OkStatus();
      for (const absl::string_view statement : migration.statements) {
        session.ExpectBulk();
        RETURN_IF_ERROR(session.Execute(statement).status());
      }
      return session
          .Execute("UPDATE logexport_schema SET version = :version, readable_from = :from",
                   {migration.version,
                    migration.readable_from == 0 ? migration.version : migration.readable_from})
          .status();
    });
    if (!status.ok()) {
      return absl::Status(
          status.code(), absl::StrCat("migrating ", where, " to schema version ", migration.version,
                                      " failed, nothing of it was kept: ", status.message()));
    }
  }
  return absl::OkStatus();
}

}  // namespace logexport
