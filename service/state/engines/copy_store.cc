#include "service/state/engines/copy_store.h"

#include <algorithm>
#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"

#include "service/base/status_macros.h"
#include "service/state/migrations.h"
#include "service/state/postgresql/connection_target.h"
#include "service/state/postgresql/membership.h"
#include "service/state/postgresql/postgresql_schema.h"
#include "service/state/postgresql/postgresql_session.h"
#include "service/state/sqlite/sqlite_session.h"

namespace logexport {
namespace {

// What belongs to the place and not to what is kept in it.
const std::set<std::string>& NotCopied() {
  static const auto* const tables =
      new std::set<std::string>{"ownership", "members", "moved", "unsealed_configs"};
  return *tables;
}

// Made with one row, which is replaced.
constexpr absl::string_view kMadeWithARow = "audit_head";

// Rows go to the server together, up to these bounds.
constexpr int kMostRows = 200;
constexpr std::size_t kMostBytes = 2 << 20;

struct Column {
  std::string name;
  bool blob = false;
};

struct Table {
  std::string name;
  std::vector<Column> columns;
  std::set<std::string> refers_to;  // other tables, whose rows must be there first
};

absl::StatusOr<std::vector<Table>> TablesOf(SqlSession& source) {
  std::vector<Table> tables;
  RETURN_IF_ERROR(source.Select(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' "
      "ORDER BY name",
      {}, [&tables](SqlRow& row) {
        tables.push_back({row.ReadText(), {}, {}});
      }));
  std::erase_if(tables, [](const Table& table) { return NotCopied().contains(table.name); });
  for (Table& table : tables) {
    RETURN_IF_ERROR(source.Select("SELECT name, type FROM pragma_table_info(:name) ORDER BY cid",
                                  {table.name}, [&table](SqlRow& row) {
                                    Column column{row.ReadText(), false};
                                    column.blob = row.ReadText() == "BLOB";
                                    table.columns.push_back(std::move(column));
                                  }));
    RETURN_IF_ERROR(
        source.Select("SELECT \"table\" FROM pragma_foreign_key_list(:name)", {table.name},
                      [&table](SqlRow& row) { table.refers_to.insert(row.ReadText()); }));
  }
  // Those that are referred to first.
  std::vector<Table> ordered;
  std::set<std::string> done;
  while (ordered.size() < tables.size()) {
    const std::size_t before = ordered.size();
    for (const Table& table : tables) {
      if (done.contains(table.name)) continue;
      const bool ready =
          std::all_of(table.refers_to.begin(), table.refers_to.end(),
                      [&](const std::string& other) { return done.contains(other); });
      if (!ready) continue;
      done.insert(table.name);
      ordered.push_back(table);
    }
    if (ordered.size() == before) {
      return absl::InternalError("the tables of the state store refer to each other in a circle");
    }
  }
  return ordered;
}

// Rows on their way.
class Rows {
 public:
  Rows(SqlSession& target, const Table& table) : target_(target), table_(table) {
    std::vector<std::string> names;
    for (const Column& column : table.columns) names.push_back(column.name);
    start_ =
        absl::StrCat("INSERT INTO ", table.name, " (", absl::StrJoin(names, ", "), ") VALUES ");
  }

  void Take(SqlRow& row) {
    for (std::size_t i = 0; i < table_.columns.size(); ++i) {
      fields_.push_back(row.ReadOptionalText());
      if (fields_.back().has_value()) bytes_ += fields_.back()->size();
    }
    ++rows_;
    if (rows_ >= kMostRows || bytes_ >= kMostBytes) status_.Update(Send());
  }

  // Answers how many rows there were.
  absl::StatusOr<std::int64_t> Finish() {
    if (rows_ > 0) status_.Update(Send());
    if (!status_.ok()) return status_;
    return total_;
  }

 private:
  absl::Status Send() {
    std::string sql = start_;
    std::vector<SqlValue> values;
    const std::size_t width = table_.columns.size();
    for (std::size_t i = 0; i < fields_.size(); ++i) {
      absl::StrAppend(&sql, i % width == 0 ? (i == 0 ? "(" : ", (") : ", ", ":v", i,
                      i % width == width - 1 ? ")" : "");
      const std::optional<std::string>& field = fields_[i];
      if (!field.has_value()) {
        values.emplace_back(std::optional<absl::string_view>());
      } else {
        values.push_back(table_.columns[i % width].blob ? SqlValue::Blob(*field)
                                                        : SqlValue(*field));
      }
    }
    target_.ExpectBulk();
    absl::Status status = status_.ok() ? target_.Execute(sql, values).status() : status_;
    total_ += rows_;
    rows_ = 0;
    bytes_ = 0;
    fields_.clear();
    return status;
  }

  SqlSession& target_;
  const Table& table_;
  std::string start_;
  std::deque<std::optional<std::string>> fields_;
  int rows_ = 0;
  std::size_t bytes_ = 0;
  std::int64_t total_ = 0;
  absl::Status status_;
};

absl::StatusOr<std::int64_t> SelectNumber(SqlSession& session, absl::string_view sql) {
  std::int64_t number = 0;
  RETURN_IF_ERROR(session.Select(sql, {}, [&number](SqlRow& row) { number = row.ReadInt(); }));
  return number;
}

absl::Status CheckEmpty(SqlSession& target, const std::vector<Table>& tables,
                        const std::string& where) {
  for (const Table& table : tables) {
    ASSIGN_OR_RETURN(const std::int64_t rows,
                     SelectNumber(target, absl::StrCat("SELECT count(*) FROM ", table.name)));
    if (rows == 0 || table.name == kMadeWithARow) continue;
    return absl::FailedPreconditionError(
        absl::StrCat("state store ", where, " holds something already (", rows, " rows in ",
                     table.name, "); copy into an empty database or schema. Nothing was changed"));
  }
  return absl::OkStatus();
}

// The numbers that the database gives go on behind those that were copied.
absl::Status AdvanceNumbers(SqlSession& target) {
  std::vector<std::pair<std::string, std::string>> numbered;
  RETURN_IF_ERROR(
      target.Select("SELECT table_name, column_name FROM information_schema.columns "
                    "WHERE table_schema = current_schema() AND is_identity = 'YES'",
                    {}, [&numbered](SqlRow& row) {
                      std::string table = row.ReadText();
                      numbered.emplace_back(std::move(table), row.ReadText());
                    }));
  for (const auto& [table, column] : numbered) {
    RETURN_IF_ERROR(
        target.Select(absl::StrCat("SELECT setval(pg_get_serial_sequence('", table, "', '", column,
                                   "'), coalesce(max(", column, "), 0) + 1, false) FROM ", table),
                      {}, [](SqlRow& row) { row.SkipAll(); }));
  }
  return absl::OkStatus();
}

absl::Status ResealAll(SqlSession& target, const CopyRequest& request) {
  std::vector<SealedSecret> secrets;
  RETURN_IF_ERROR(target.Select("SELECT exporter, field, version, key_id, box FROM secrets", {},
                                [&secrets](SqlRow& row) {
                                  SealedSecret secret;
                                  secret.exporter = row.ReadText();
                                  secret.field = row.ReadText();
                                  secret.version = row.ReadInt();
                                  secret.key_id = row.ReadText();
                                  secret.box = row.ReadText();
                                  secrets.push_back(std::move(secret));
                                }));
  for (const SealedSecret& secret : secrets) {
    ASSIGN_OR_RETURN(const SealedSecret fresh, request.reseal(secret));
    RETURN_IF_ERROR(
        target
            .Execute("UPDATE secrets SET key_id = :key_id, box = :box WHERE exporter = :exporter "
                     "AND field = :field AND version = :version",
                     {fresh.key_id, fresh.box, fresh.exporter, fresh.field, fresh.version})
            .status());
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<CopiedTable>> CopyStore(const CopyRequest& request) {
  ASSIGN_OR_RETURN(const std::unique_ptr<SqliteSession> source,
                   SqliteSession::Open(request.source, SqliteSession::Access::kReadWrite));
  ASSIGN_OR_RETURN(const std::vector<Table> tables, TablesOf(*source));
  ASSIGN_OR_RETURN(const std::int64_t epoch, SelectNumber(*source, "SELECT epoch FROM ownership"));

  ASSIGN_OR_RETURN(const ConnectionTarget where, ConnectionTarget::Parse(request.target_url));
  // The commit of everything at once takes as long as it takes.
  const PostgresqlLimits patient{absl::Minutes(2), absl::Minutes(10)};
  PostgresqlSession target(where, PostgresqlSession::Access::kReadWrite, patient);
  ASSIGN_OR_RETURN(const SchemaState schema,
                   InspectSchema(target, where.shown(), NewestSchemaVersion()));
  if (schema.version > 0) RETURN_IF_ERROR(CheckEmpty(target, tables, where.shown()));
  if (schema.version < NewestSchemaVersion()) {
    RETURN_IF_ERROR(MigrateSchema(target, where.shown(), Migrations()));
  }
  // From here on nobody else uses the target.
  ASSIGN_OR_RETURN(const std::unique_ptr<Membership> membership,
                   Membership::Join(where, {}, {}, Membership::Company::kAlone));

  std::vector<CopiedTable> copied;
  RETURN_IF_ERROR(InTransaction(target, [&]() -> absl::Status {
    RETURN_IF_ERROR(CheckEmpty(target, tables, where.shown()));
    for (const Table& table : tables) {
      if (table.name == kMadeWithARow) {
        RETURN_IF_ERROR(target.Execute(absl::StrCat("DELETE FROM ", table.name)).status());
      }
      Rows rows(target, table);
      std::vector<std::string> names;
      for (const Column& column : table.columns) names.push_back(column.name);
      RETURN_IF_ERROR(
          source->Select(absl::StrCat("SELECT ", absl::StrJoin(names, ", "), " FROM ", table.name),
                         {}, [&rows](SqlRow& row) { rows.Take(row); }));
      ASSIGN_OR_RETURN(const std::int64_t sent, rows.Finish());
      target.ExpectBulk();
      ASSIGN_OR_RETURN(const std::int64_t arrived,
                       SelectNumber(target, absl::StrCat("SELECT count(*) FROM ", table.name)));
      ASSIGN_OR_RETURN(const std::int64_t there,
                       SelectNumber(*source, absl::StrCat("SELECT count(*) FROM ", table.name)));
      if (sent != there || arrived != there) {
        return absl::DataLossError(absl::StrCat("of ", there, " rows in ", table.name, " only ",
                                                arrived, " arrived; nothing was kept"));
      }
      copied.push_back({table.name, arrived});
    }
    RETURN_IF_ERROR(AdvanceNumbers(target));
    RETURN_IF_ERROR(ResealAll(target, request));
    return target.Execute("UPDATE ownership SET epoch = greatest(epoch, :epoch)", {epoch}).status();
  }));
  // A process that dies before this line leaves a source that can be gone on with, and a target
  // that says what it holds when it is tried again.
  RETURN_IF_ERROR(InTransaction(*source, [&] {
    return source
        ->Execute("INSERT INTO moved (id, target, moved) VALUES (1, :target, :now)",
                  {where.shown(), request.now})
        .status();
  }));
  return copied;
}

}  // namespace logexport
