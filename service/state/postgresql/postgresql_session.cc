#include "service/state/postgresql/postgresql_session.h"

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include <postgresql/libpq-fe.h>

#include "service/base/logging.h"
#include "service/base/random.h"
#include "service/base/status_macros.h"
#include "service/state/postgresql/stored_text.h"
#include "service/state/transaction.h"

namespace logexport {
namespace {

// How often the first exchange of a transaction is sent before its conflict is answered, and how
// long to wait at most in between.
constexpr int kMostAttempts = 5;
constexpr absl::Duration kLongestPause = absl::Milliseconds(50);

// A process that is frozen within a transaction must not hold its locks for ever.
constexpr absl::Duration kLongestIdle = absl::Seconds(5);

// How often a commit in doubt is looked up while the server still works on it.
constexpr absl::Duration kLookAgain = absl::Milliseconds(20);

// The code has fewer; a bound against mistakes.
constexpr std::size_t kMaxTranslated = 1000;

constexpr Oid kBytea = 17;

// A transaction is known by its number and the server's timeline: who is promoted gives the numbers
// that he has not seen to others. The number comes first, since it says which server only reads.
constexpr absl::string_view kSettingsOfWrite =
    "SELECT set_config('statement_timeout', $1, true), "
    "set_config('idle_in_transaction_session_timeout', $2, true), "
    "CAST(pg_current_xact_id() AS text) || '@' || "
    "left(pg_walfile_name(pg_current_wal_lsn()), 8)";
constexpr absl::string_view kLookUp =
    "SELECT CASE WHEN left(pg_walfile_name(pg_current_wal_lsn()), 8) = split_part($1, '@', 2) "
    "THEN pg_xact_status(CAST(split_part($1, '@', 1) AS xid8)) ELSE 'promoted' END";
constexpr absl::string_view kSettingsOfRead =
    "SELECT set_config('statement_timeout', $1, true), "
    "set_config('idle_in_transaction_session_timeout', $2, true), ''";

// The fence and the lock are the same row: whoever takes an exporter over changes it.
constexpr absl::string_view kLockOne =
    "SELECT 1 FROM checkpoints WHERE exporter = $1 FOR NO KEY UPDATE";
// In an order, so that two that lock all do not lock each other out.
constexpr absl::string_view kLockAll =
    "SELECT 1 FROM checkpoints ORDER BY exporter FOR NO KEY UPDATE";

void WaitUpTo(absl::Duration longest) {
  std::this_thread::sleep_for(
      absl::ToChronoNanoseconds(longest * (0.1 + 0.9 * SystemRandom().NextUnit())));
}

std::string Milliseconds(absl::Duration duration) {
  return absl::StrCat(std::max<std::int64_t>(1, absl::ToInt64Milliseconds(duration)));
}

std::string Value(const PGresult* result, int row, int column) {
  const auto length = static_cast<std::size_t>(PQgetlength(result, row, column));
  std::string text(PQgetvalue(result, row, column), length);
  if (PQftype(result, column) != kBytea) return FromStoredText(std::move(text));
  std::size_t size = 0;
  unsigned char* const bytes =
      PQunescapeBytea(reinterpret_cast<const unsigned char*>(text.c_str()), &size);
  if (bytes == nullptr) return "";
  text.assign(reinterpret_cast<const char*>(bytes), size);
  PQfreemem(bytes);
  return text;
}

absl::Status ReadRows(const PGresult* result, absl::string_view sql,
                      absl::FunctionRef<void(SqlRow&)> each) {
  SqlRow row;
  const int columns = PQnfields(result);
  for (int i = 0; i < PQntuples(result); ++i) {
    row.columns().resize(static_cast<std::size_t>(columns));
    for (int column = 0; column < columns; ++column) {
      SqlRow::Column& target = row.columns()[static_cast<std::size_t>(column)];
      target.null = PQgetisnull(result, i, column) != 0;
      target.text = target.null ? "" : Value(result, i, column);
    }
    row.Hand(sql, each);
  }
  return row.status();
}

bool IsInsert(absl::string_view sql) {
  return absl::StartsWith(sql, "INSERT") && !absl::StrContains(sql, "ON CONFLICT");
}

}  // namespace

PostgresqlSession::PostgresqlSession(ConnectionTarget target, Access access,
                                     PostgresqlLimits limits, std::function<void()> on_unreplicated)
    : target_(std::move(target)),
      access_(access),
      limits_(limits),
      on_unreplicated_(std::move(on_unreplicated)),
      each_ms_(Milliseconds(limits.each)),
      bulk_ms_(Milliseconds(limits.bulk)),
      idle_ms_(Milliseconds(kLongestIdle)) {}

PostgresqlSession::~PostgresqlSession() = default;

absl::Status PostgresqlSession::Begin() {
  // A transaction that was left open is none of ours any more.
  if (began_) Rollback();
  failure_ = absl::OkStatus();
  began_ = true;
  answered_ = false;
  bulk_ = false;
  transaction_id_.clear();
  locked_.clear();
  QueueStart();
  return absl::OkStatus();
}

void PostgresqlSession::QueueStart() {
  const bool writes = access_ == Access::kReadWrite;
  queue_.clear();
  queue_.push_back({Purpose::kBegin,
                    {writes ? "BEGIN ISOLATION LEVEL READ COMMITTED"
                            : "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
                     {}}});
  queue_.push_back(
      {Purpose::kSettings,
       {std::string(writes ? kSettingsOfWrite : kSettingsOfRead), {each_ms_, idle_ms_}}});
}

void PostgresqlSession::LockExporter(absl::string_view exporter) {
  if (!began_ || access_ != Access::kReadWrite || locked_.contains("")) return;
  if (!locked_.insert(std::string(exporter)).second) return;
  if (exporter.empty()) {
    queue_.push_back({Purpose::kLock, {std::string(kLockAll), {}}});
  } else {
    queue_.push_back({Purpose::kLock, {std::string(kLockOne), {ToStoredText(exporter)}}});
  }
}

void PostgresqlSession::ExpectBulk() {
  bulk_ = true;
  if (began_) {
    queue_.push_back(
        {Purpose::kPlain, {"SELECT set_config('statement_timeout', $1, true)", {bulk_ms_}}});
  }
}

absl::Duration PostgresqlSession::TakeLimit() {
  // The server is given the chance to say what it waited for.
  return (std::exchange(bulk_, false) ? limits_.bulk : limits_.each) + absl::Milliseconds(200);
}

absl::StatusOr<std::int64_t> PostgresqlSession::Execute(absl::string_view sql,
                                                        absl::Span<const SqlValue> values) {
  ASSIGN_OR_RETURN(const PostgresqlResult result, Run(sql, values));
  std::int64_t changed = 0;
  // Empty for statements that change no rows.
  if (!absl::SimpleAtoi(PQcmdTuples(result.get()), &changed)) changed = 0;
  return changed;
}

absl::Status PostgresqlSession::Select(absl::string_view sql, absl::Span<const SqlValue> values,
                                       absl::FunctionRef<void(SqlRow&)> each) {
  ASSIGN_OR_RETURN(const PostgresqlResult result, Run(sql, values));
  return ReadRows(result.get(), sql, each);
}

void PostgresqlSession::ExecuteLater(absl::string_view sql, absl::Span<const SqlValue> values) {
  SelectLater(sql, values, nullptr);
}

void PostgresqlSession::SelectLater(absl::string_view sql, absl::Span<const SqlValue> values,
                                    std::function<void(SqlRow&)> each) {
  absl::StatusOr<PostgresqlStatement> statement = Prepared(sql, values);
  if (!statement.ok()) return;  // as a failure of the transaction
  queue_.push_back({Purpose::kPlain, *std::move(statement), std::move(each)});
}

const StatementText& PostgresqlSession::Translated(absl::string_view sql) {
  const auto found = translated_.find(sql);
  if (found != translated_.end()) return found->second;
  if (translated_.size() >= kMaxTranslated) translated_.clear();
  return translated_.emplace(std::string(sql), ForPostgresql(sql)).first->second;
}

absl::StatusOr<PostgresqlStatement> PostgresqlSession::Prepared(absl::string_view sql,
                                                                absl::Span<const SqlValue> values) {
  const StatementText& statement = Translated(sql);
  if (statement.placeholders != static_cast<int>(values.size())) {
    return Failed(MisuseError(sql, "wrong number of values"));
  }
  PostgresqlStatement prepared{statement.text, {}};
  for (std::size_t i = 0; i < values.size(); ++i) {
    const bool list = std::find(statement.lists.begin(), statement.lists.end(),
                                static_cast<int>(i)) != statement.lists.end();
    prepared.values.emplace_back(values[i], list);
  }
  return prepared;
}

absl::StatusOr<PostgresqlResult> PostgresqlSession::Run(absl::string_view sql,
                                                        absl::Span<const SqlValue> values) {
  ASSIGN_OR_RETURN(PostgresqlStatement statement, Prepared(sql, values));
  return Exchange(std::move(statement), began_ && IsInsert(sql));
}

absl::Status PostgresqlSession::Flush() {
  if (queue_.empty()) return absl::OkStatus();
  return Exchange({"SELECT 1", {}}, /*may_be_refused=*/false).status();
}

absl::Status PostgresqlSession::EnsureConnected() {
  if (connection_ != nullptr && connection_->usable()) return absl::OkStatus();
  Drop();
  ASSIGN_OR_RETURN(connection_, PostgresqlConnection::Connect(target_, limits_.each));
  return absl::OkStatus();
}

absl::StatusOr<PostgresqlResult> PostgresqlSession::Exchange(PostgresqlStatement statement,
                                                             bool may_be_refused) {
  RETURN_IF_ERROR(failure_);
  if (may_be_refused) {
    queue_.push_back({Purpose::kSavepoint, {"SAVEPOINT before_row", {}}});
  }
  std::vector<PostgresqlStatement> statements;
  for (const Queued& queued : queue_) statements.push_back(queued.statement);
  statements.push_back(std::move(statement));
  const absl::Duration limit = TakeLimit();
  for (int attempt = 1;; ++attempt) {
    // Once something of a transaction was answered, another connection knows nothing of it.
    const bool first = !began_ || !answered_;
    const bool connected_before = connection_ != nullptr && connection_->usable();
    if (first) {
      if (absl::Status connected = EnsureConnected(); !connected.ok()) return Failed(connected);
    } else if (!connected_before) {
      return Failed(absl::UnavailableError(
          absl::StrCat("state store ", target_.shown(), ": the connection was lost")));
    }
    Exchanged exchanged = connection_->Run(statements, limit);
    if (!exchanged.error.has_value()) {
      if (absl::Status read = ReadQueued(exchanged.results); !read.ok()) return Failed(read);
      queue_.clear();
      answered_ = true;
      return std::move(exchanged.results.back());
    }
    const PostgresqlError& error = *exchanged.error;
    const ErrorKind kind = exchanged.timed_out ? ErrorKind::kOther : KindOf(error);
    const absl::Status status = ToStatus(error, target_.shown());
    if (kind == ErrorKind::kRefusedRow && may_be_refused) {
      // All before it succeeded; the row alone is taken back.
      if (absl::Status read = ReadQueued(exchanged.results); !read.ok()) return Failed(read);
      queue_.clear();
      answered_ = true;
      const Exchanged undone = connection_->Run(
          {{PostgresqlStatement{"ROLLBACK TO SAVEPOINT before_row", {}}}}, limits_.each);
      if (undone.error.has_value()) return Failed(ToStatus(*undone.error, target_.shown()));
      return status;
    }
    const bool stale = kind == ErrorKind::kConnectionLost && connected_before && attempt == 1;
    const bool conflict = kind == ErrorKind::kConflict && attempt < kMostAttempts;
    if (kind == ErrorKind::kConnectionLost || kind == ErrorKind::kWrongNode) Drop();
    if (!began_ && kind == ErrorKind::kConnectionLost) return Failed(status);
    if (!first || (!stale && !conflict)) return Failed(status);
    if (conflict) {
      connection_->Run({{PostgresqlStatement{"ROLLBACK", {}}}}, limits_.each);
      WaitUpTo(kLongestPause);
    }
  }
}

absl::Status PostgresqlSession::ReadQueued(const std::vector<PostgresqlResult>& results) {
  for (std::size_t i = 0; i < queue_.size() && i < results.size(); ++i) {
    const PGresult* const result = results[i].get();
    if (queue_[i].each != nullptr) {
      RETURN_IF_ERROR(ReadRows(result, queue_[i].statement.text, queue_[i].each));
    } else if (queue_[i].purpose == Purpose::kSettings) {
      transaction_id_ = Value(result, 0, 2);
    }
  }
  return absl::OkStatus();
}

absl::Status PostgresqlSession::Commit() {
  RETURN_IF_ERROR(failure_);
  const auto waits = [](const Queued& queued) { return queued.purpose == Purpose::kPlain; };
  if (std::none_of(queue_.begin(), queue_.end(), waits)) {
    queue_.clear();  // locks that nothing was written under
  } else if (!answered_) {
    // The number of the transaction is needed before the commit.
    RETURN_IF_ERROR(Flush());
  }
  if (!answered_) {
    // Nothing was asked of the server, so there is nothing to end.
    began_ = false;
    return absl::OkStatus();
  }
  const absl::StatusOr<PostgresqlResult> ended = [&]() -> absl::StatusOr<PostgresqlResult> {
    std::vector<PostgresqlStatement> statements;
    for (const Queued& queued : queue_) statements.push_back(queued.statement);
    statements.push_back({"COMMIT", {}});
    if (connection_ == nullptr || !connection_->usable()) {
      return absl::UnavailableError("the connection was lost");
    }
    connection_->TakeWarnings();
    Exchanged exchanged = connection_->Run(statements, TakeLimit());
    if (!exchanged.error.has_value()) {
      RETURN_IF_ERROR(ReadQueued(exchanged.results));
      queue_.clear();
    } else {
      const absl::Status status = ToStatus(*exchanged.error, target_.shown());
      const bool unknown =
          exchanged.timed_out || KindOf(*exchanged.error) == ErrorKind::kConnectionLost;
      if (!unknown) return status;
      if (access_ == Access::kReadOnly) return absl::UnavailableError("");
      RETURN_IF_ERROR(LookUpCommit(status));
      return PostgresqlResult();
    }
    return std::move(exchanged.results.back());
  }();
  began_ = false;
  if (access_ == Access::kReadOnly) {
    // What was read is read.
    if (!ended.ok()) Drop();
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(ended.status());
  if (*ended == nullptr) return absl::OkStatus();  // looked up
  if (absl::string_view(PQcmdStatus(ended->get())) != "COMMIT") {
    return absl::UnavailableError(
        absl::StrCat("state store ", target_.shown(),
                     ": the server undid the transaction when it was to commit it (it answered ",
                     PQcmdStatus(ended->get()), "); nothing of it was stored"));
  }
  const std::vector<std::string> warnings = connection_->TakeWarnings();
  for (const std::string& warning : warnings) {
    LogWarning("a commit may not have reached the standby", {{"warning", warning}});
  }
  if (!warnings.empty() && on_unreplicated_) on_unreplicated_();
  return absl::OkStatus();
}

absl::Status PostgresqlSession::LookUpCommit(const absl::Status& lost) {
  Drop();
  const auto deadline = std::chrono::steady_clock::now() + absl::ToChronoNanoseconds(limits_.each);
  const auto unknown = [&](absl::string_view why) {
    return absl::UnavailableError(absl::StrCat(
        lost.message(), "; whether the transaction was committed is not known: ", why));
  };
  for (;;) {
    if (const absl::Status connected = EnsureConnected(); !connected.ok()) {
      return unknown(connected.message());
    }
    const Exchanged looked = connection_->Run(
        {{PostgresqlStatement{std::string(kLookUp), {transaction_id_}}}}, limits_.each);
    if (looked.error.has_value()) {
      // A server that has not come so far yet was promoted without the transaction.
      if (looked.error->sqlstate == "22023") return lost;
      Drop();
      return unknown(looked.error->message);
    }
    const std::string state = Value(looked.results.front().get(), 0, 0);
    if (state == "committed") return absl::OkStatus();
    if (state == "promoted") return unknown("another server was promoted meanwhile");
    if (state != "in progress") return lost;
    if (std::chrono::steady_clock::now() >= deadline)
      return unknown("the server still works on it");
    WaitUpTo(kLookAgain);
  }
}

void PostgresqlSession::Rollback() {
  began_ = false;
  // The connection is dropped below if it is not fit for the next transaction.
  failure_ = absl::OkStatus();
  queue_.clear();
  if (connection_ == nullptr) return;
  if (!connection_->usable()) return Drop();
  if (!connection_->in_transaction()) return;
  const Exchanged undone = connection_->Run({{PostgresqlStatement{"ROLLBACK", {}}}}, limits_.each);
  if (undone.error.has_value()) Drop();
}

void PostgresqlSession::Drop() { connection_.reset(); }

absl::Status PostgresqlSession::Failed(absl::Status status) {
  if (began_) failure_.Update(status);
  return status;
}

}  // namespace logexport
