#include "service/state/sqlite/sqlite_session.h"

#include <cerrno>
#include <deque>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

#include "service/base/status_macros.h"
#include "service/state/sqlite/soci.h"
#include "service/state/sqlite/sqlite_error.h"

namespace logexport {
namespace {

// How many statements stay prepared for each connection. The code has fewer, so that this is only a
// bound against mistakes.
constexpr std::size_t kMaxStatements = 200;

// The words that statements have in common with other engines (see SqlSession), as SQLite says
// them.
std::string ForSqlite(absl::string_view sql) {
  return absl::StrReplaceAll(
      sql, {{"greatest(", "max("},
            {"least(", "min("},
            {"strings_of(", "SELECT value FROM json_each("},
            {"database_now", "CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)"}});
}

}  // namespace

// A statement together with the variables that SOCI binds it to, which must not move.
class PreparedStatement {
 public:
  PreparedStatement(soci::session& session, const std::string& sql,
                    absl::Span<const SqlValue> values)
      : statement_(session), inputs_(values.size()) {
    statement_.alloc();
    for (std::size_t i = 0; i < values.size(); ++i) {
      Input& input = inputs_[i];
      input.is_text = values[i].is_text();
      if (input.is_text) {
        statement_.exchange(soci::use(input.text, input.indicator));
      } else {
        statement_.exchange(soci::use(input.number, input.indicator));
      }
    }
    statement_.prepare(sql);
    // SQLite would bind NULL to a placeholder without a value.
    complete_ =
        sqlite_api::sqlite3_bind_parameter_count(
            static_cast<soci::sqlite3_statement_backend*>(statement_.get_backend())->stmt_) ==
        static_cast<int>(values.size());
    outputs_.resize(static_cast<std::size_t>(statement_.get_backend()->prepare_for_describe()));
    for (Output& output : outputs_) {
      statement_.exchange(soci::into(output.text, output.indicator));
    }
    row_.columns().resize(outputs_.size());
    statement_.define_and_bind();
  }

  // Executes and reads to the end: as long as a statement stands on a row its snapshot keeps the
  // write-ahead log from being reused. After an exception the statement is of no use.
  absl::Status Run(absl::string_view sql, absl::Span<const SqlValue> values,
                   absl::FunctionRef<void(SqlRow&)> each) {
    if (!complete_ || values.size() != inputs_.size())
      return MisuseError(sql, "wrong number of values");
    for (std::size_t i = 0; i < values.size(); ++i) {
      Input& input = inputs_[i];
      if (values[i].is_text() != input.is_text) return MisuseError(sql, "wrong type of a value");
      input.indicator = values[i].is_null() ? soci::i_null : soci::i_ok;
      if (input.is_text) {
        input.text.assign(values[i].text().data(), values[i].text().size());
      } else {
        input.number = values[i].number();
      }
    }
    row_.ForgetErrors();
    for (bool got = statement_.execute(true); got; got = statement_.fetch()) {
      for (std::size_t i = 0; i < outputs_.size(); ++i) {
        row_.columns()[i].null = outputs_[i].indicator == soci::i_null;
        row_.columns()[i].text.swap(outputs_[i].text);
      }
      row_.Hand(sql, each);
    }
    return row_.status();
  }

 private:
  struct Input {
    bool is_text = false;
    long long number = 0;
    std::string text;
    soci::indicator indicator = soci::i_ok;
  };
  struct Output {
    std::string text;
    soci::indicator indicator = soci::i_ok;
  };

  soci::statement statement_;
  bool complete_ = false;
  std::deque<Input> inputs_;
  std::deque<Output> outputs_;
  SqlRow row_;
};

struct SqliteSession::Connection {
  // Quoted, because SOCI splits what it is given at blanks and signs of equality.
  explicit Connection(const std::string& path)
      : session(soci::sqlite3,
                absl::StrCat("db=\"", path, "\" timeout=", SqliteSession::kBusyTimeoutSeconds)) {}

  sqlite_api::sqlite3* handle() {
    return static_cast<soci::sqlite3_session_backend*>(session.get_backend())->conn_;
  }

  soci::session session;
  absl::flat_hash_map<std::string, std::unique_ptr<PreparedStatement>> statements;
};

SqliteSession::SqliteSession(const std::string& path, Access access)
    : path_(path), access_(access) {}
SqliteSession::~SqliteSession() = default;

absl::StatusOr<std::unique_ptr<SqliteSession>> SqliteSession::Open(const std::string& path,
                                                                   Access access) {
  auto session = absl::WrapUnique(new SqliteSession(path, access));
  try {
    session->connection_ = std::make_unique<Connection>(path);
  } catch (const soci::sqlite3_soci_error& error) {
    return ToStatus({error.result(), 0, error.get_error_message()}, path);
  } catch (const std::exception& error) {
    return absl::UnavailableError(absl::StrCat("state store ", path, ": ", error.what()));
  }
  for (const absl::string_view pragma :
       {"PRAGMA synchronous = FULL", "PRAGMA foreign_keys = ON", "PRAGMA trusted_schema = OFF",
        "PRAGMA cell_size_check = ON", "PRAGMA temp_store = MEMORY"}) {
    RETURN_IF_ERROR(session->Execute(pragma).status());
  }
  if (access == Access::kReadOnly) {
    RETURN_IF_ERROR(session->Execute("PRAGMA query_only = ON").status());
  }
  return session;
}

absl::StatusOr<std::int64_t> SqliteSession::Execute(absl::string_view sql,
                                                    absl::Span<const SqlValue> values) {
  // Some pragmas return a row, which is not needed.
  RETURN_IF_ERROR(Run(sql, values, [](SqlRow& row) { row.SkipAll(); }));
  return sqlite_api::sqlite3_changes(connection_->handle());
}

absl::Status SqliteSession::Select(absl::string_view sql, absl::Span<const SqlValue> values,
                                   absl::FunctionRef<void(SqlRow&)> each) {
  return Run(sql, values, each);
}

void SqliteSession::ExecuteLater(absl::string_view sql, absl::Span<const SqlValue> values) {
  Failed(Execute(sql, values).status()).IgnoreError();
}

void SqliteSession::SelectLater(absl::string_view sql, absl::Span<const SqlValue> values,
                                std::function<void(SqlRow&)> each) {
  Failed(Select(sql, values, each)).IgnoreError();
}

absl::Status SqliteSession::Begin() {
  failure_ = absl::OkStatus();
  return Execute(access_ == Access::kReadWrite ? "BEGIN IMMEDIATE" : "BEGIN").status();
}

absl::Status SqliteSession::Commit() { return Execute("COMMIT").status(); }

void SqliteSession::Rollback() {
  // SQLite itself has rolled back after some errors, such as a full disk.
  if (sqlite_api::sqlite3_get_autocommit(connection_->handle()) == 0) {
    Execute("ROLLBACK").IgnoreError();
  }
}

absl::Status SqliteSession::Run(absl::string_view sql, absl::Span<const SqlValue> values,
                                absl::FunctionRef<void(SqlRow&)> each) {
  auto& statements = connection_->statements;
  errno = 0;
  try {
    auto found = statements.find(sql);
    if (found == statements.end()) {
      if (statements.size() >= kMaxStatements) statements.clear();
      auto statement =
          std::make_unique<PreparedStatement>(connection_->session, ForSqlite(sql), values);
      found = statements.emplace(std::string(sql), std::move(statement)).first;
    }
    return found->second->Run(sql, values, each);
  } catch (const soci::sqlite3_soci_error& error) {
    // SQLite does not keep the system's error of a failed write; errno still has it.
    const int system_error = errno;
    sqlite_api::sqlite3* const handle = connection_->handle();
    const int extended = sqlite_api::sqlite3_extended_errcode(handle);
    const SqlError cause =
        (extended & 0xff) == (error.result() & 0xff)
            ? SqlError{extended, system_error, sqlite_api::sqlite3_errmsg(handle)}
            : SqlError{error.result(), 0, error.get_error_message()};
    statements.erase(sql);
    const absl::Status status = ToStatus(cause, path_);
    // A refused row leaves the transaction as it was.
    return cause.code % 256 == SQLITE_CONSTRAINT ? status : Failed(status);
  } catch (const soci::soci_error& error) {
    statements.erase(sql);
    return Failed(MisuseError(sql, error.get_error_message()));
  } catch (const std::exception& error) {
    statements.erase(sql);
    return Failed(MisuseError(sql, error.what()));
  }
}

absl::Status SqliteSession::Failed(absl::Status status) {
  failure_.Update(status);
  return status;
}

}  // namespace logexport
