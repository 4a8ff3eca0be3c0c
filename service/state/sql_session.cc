#include "service/state/sql_session.h"

#include <cerrno>
#include <deque>
#include <limits>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/memory/memory.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

#include "service/base/status_macros.h"
#include "service/state/soci.h"
#include "service/state/sql_error.h"

namespace logexport {
namespace {

using StoredLimits = std::numeric_limits<std::int64_t>;

// How many statements stay prepared for each connection. The code has fewer, so that this is only a
// bound against mistakes.
constexpr std::size_t kMaxStatements = 200;

absl::Status MisuseError(absl::string_view sql, absl::string_view what) {
  return absl::InternalError(absl::StrCat(what, " in the statement: ", sql));
}

}  // namespace

std::int64_t ToStoredTime(absl::Time time) {
  if (time == absl::InfiniteFuture()) return StoredLimits::max();
  if (time == absl::InfinitePast()) return StoredLimits::min();
  return absl::ToUnixMicros(time);
}

absl::Time FromStoredTime(std::int64_t micros) {
  if (micros == StoredLimits::max()) return absl::InfiniteFuture();
  if (micros == StoredLimits::min()) return absl::InfinitePast();
  return absl::FromUnixMicros(micros);
}

std::int64_t ToStoredDuration(absl::Duration duration) {
  return absl::ToInt64Microseconds(duration);  // saturates
}

absl::Duration FromStoredDuration(std::int64_t micros) {
  if (micros == StoredLimits::max()) return absl::InfiniteDuration();
  if (micros == StoredLimits::min()) return -absl::InfiniteDuration();
  return absl::Microseconds(micros);
}

SqlRow::Column& SqlRow::Next() {
  static Column* const kNone = new Column();
  if (next_ >= columns_.size()) {
    status_.Update(absl::InternalError("a column is read that the statement does not select"));
    return *kNone;
  }
  return columns_[next_++];
}

void SqlRow::Fail(absl::string_view value) {
  status_.Update(
      absl::DataLossError(absl::StrCat("the state store holds '", value, "' in column ", next_,
                                       " of an answer, which this version does not understand")));
}

std::string SqlRow::ReadText() {
  Column& column = Next();
  if (column.null) Fail("NULL");
  return std::move(column.text);
}

std::int64_t SqlRow::ReadInt() {
  const Column& column = Next();
  std::int64_t value = 0;
  if (column.null || !absl::SimpleAtoi(column.text, &value)) {
    Fail(column.null ? "NULL" : column.text);
  }
  return value;
}

std::optional<absl::Time> SqlRow::ReadOptionalTime() {
  if (next_ < columns_.size() && columns_[next_].null) {
    ++next_;
    return std::nullopt;
  }
  return ReadTime();
}

std::optional<std::string> SqlRow::ReadOptionalText() {
  if (next_ < columns_.size() && columns_[next_].null) {
    ++next_;
    return std::nullopt;
  }
  return ReadText();
}

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
    row_.columns_.resize(outputs_.size());
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
    row_.status_ = absl::OkStatus();
    for (bool got = statement_.execute(true); got; got = statement_.fetch()) {
      if (!row_.status_.ok()) continue;
      for (std::size_t i = 0; i < outputs_.size(); ++i) {
        row_.columns_[i].null = outputs_[i].indicator == soci::i_null;
        row_.columns_[i].text.swap(outputs_[i].text);
      }
      row_.next_ = 0;
      each(row_);
      if (row_.status_.ok() && row_.next_ != outputs_.size()) {
        row_.status_ = MisuseError(sql, "a selected column is not read");
      }
    }
    return row_.status_;
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

struct SqlSession::Connection {
  // Quoted, because SOCI splits what it is given at blanks and signs of equality.
  explicit Connection(const std::string& path)
      : session(soci::sqlite3,
                absl::StrCat("db=\"", path, "\" timeout=", SqlSession::kBusyTimeoutSeconds)) {}

  sqlite_api::sqlite3* handle() {
    return static_cast<soci::sqlite3_session_backend*>(session.get_backend())->conn_;
  }

  soci::session session;
  absl::flat_hash_map<std::string, std::unique_ptr<PreparedStatement>> statements;
};

SqlSession::SqlSession(const std::string& path, Access access) : path_(path), access_(access) {}
SqlSession::~SqlSession() = default;

absl::StatusOr<std::unique_ptr<SqlSession>> SqlSession::Open(const std::string& path,
                                                             Access access) {
  auto session = absl::WrapUnique(new SqlSession(path, access));
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

absl::StatusOr<std::int64_t> SqlSession::Execute(absl::string_view sql,
                                                 absl::Span<const SqlValue> values) {
  // Some pragmas return a row, which is not needed.
  RETURN_IF_ERROR(Run(sql, values, [](SqlRow& row) { row.SkipAll(); }));
  return sqlite_api::sqlite3_changes(connection_->handle());
}

absl::Status SqlSession::Select(absl::string_view sql, absl::Span<const SqlValue> values,
                                absl::FunctionRef<void(SqlRow&)> each) {
  return Run(sql, values, each);
}

absl::Status SqlSession::Begin() {
  failure_ = absl::OkStatus();
  return Execute(access_ == Access::kReadWrite ? "BEGIN IMMEDIATE" : "BEGIN").status();
}

absl::Status SqlSession::Commit() { return Execute("COMMIT").status(); }

void SqlSession::Rollback() {
  // SQLite itself has rolled back after some errors, such as a full disk.
  if (sqlite_api::sqlite3_get_autocommit(connection_->handle()) == 0) {
    Execute("ROLLBACK").IgnoreError();
  }
}

absl::Status SqlSession::Run(absl::string_view sql, absl::Span<const SqlValue> values,
                             absl::FunctionRef<void(SqlRow&)> each) {
  auto& statements = connection_->statements;
  errno = 0;
  try {
    auto found = statements.find(sql);
    if (found == statements.end()) {
      if (statements.size() >= kMaxStatements) statements.clear();
      std::string text(sql);
      auto statement = std::make_unique<PreparedStatement>(connection_->session, text, values);
      found = statements.emplace(std::move(text), std::move(statement)).first;
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

absl::Status SqlSession::Failed(absl::Status status) {
  failure_.Update(status);
  return status;
}

}  // namespace logexport
