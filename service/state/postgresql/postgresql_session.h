#ifndef LOGEXPORT_SERVICE_STATE_POSTGRESQL_POSTGRESQL_SESSION_H_
#define LOGEXPORT_SERVICE_STATE_POSTGRESQL_POSTGRESQL_SESSION_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"

#include "service/state/postgresql/connection_target.h"
#include "service/state/postgresql/postgresql_connection.h"
#include "service/state/postgresql/statement_text.h"
#include "service/state/sql_session.h"

namespace logexport {

// Time limits of ours. A statement that changes little, BEGIN, COMMIT and a connect have `each`;
// one that may have much to do has `bulk`. The server gives a statement up at the same time.
struct PostgresqlLimits {
  absl::Duration each = absl::Seconds(3);
  absl::Duration bulk = absl::Minutes(2);
};

// A session on PostgreSQL. It connects when it has to, also again after it lost its connection.
//
// Statements are sent as late as possible: BEGIN and the lock on an exporter's row go together with
// the first statement that has an answer to wait for, and those that nobody waits for with the
// commit, so that they cost no round trip. When the
// first exchange fails because the connection was stale, or because the server undid it in favour
// of another transaction (40001, 40P01), it is sent again: nobody has seen an answer yet. Later
// such errors are UNAVAILABLE, so that the body of a transaction runs once.
//
// A COMMIT whose answer is lost is looked up by the number of its transaction, over a new
// connection.
class PostgresqlSession final : public SqlSession {
 public:
  enum class Access { kReadWrite, kReadOnly };

  // `on_unreplicated` as StoreOptions has it; may be empty.
  PostgresqlSession(ConnectionTarget target, Access access, PostgresqlLimits limits,
                    std::function<void()> on_unreplicated = {});
  ~PostgresqlSession() override;
  PostgresqlSession(const PostgresqlSession&) = delete;
  PostgresqlSession& operator=(const PostgresqlSession&) = delete;

  absl::StatusOr<std::int64_t> Execute(absl::string_view sql,
                                       absl::Span<const SqlValue> values = {}) override;
  absl::Status Select(absl::string_view sql, absl::Span<const SqlValue> values,
                      absl::FunctionRef<void(SqlRow&)> each) override;
  void ExecuteLater(absl::string_view sql, absl::Span<const SqlValue> values) override;
  void SelectLater(absl::string_view sql, absl::Span<const SqlValue> values,
                   std::function<void(SqlRow&)> each) override;
  void LockExporter(absl::string_view exporter) override;
  void ExpectBulk() override;

  // READ COMMITTED for a session that writes, else one snapshot for all of it.
  absl::Status Begin() override;
  absl::Status Commit() override;
  void Rollback() override;
  const absl::Status& failure() const override { return failure_; }

 private:
  enum class Purpose { kPlain, kBegin, kSettings, kLock, kSavepoint };
  struct Queued {
    Purpose purpose = Purpose::kPlain;
    PostgresqlStatement statement;
    std::function<void(SqlRow&)> each = nullptr;  // of a select
  };

  // Sends what is queued and `statement`, and answers the result of the last.
  absl::StatusOr<PostgresqlResult> Exchange(PostgresqlStatement statement, bool may_be_refused);
  absl::StatusOr<PostgresqlResult> Run(absl::string_view sql, absl::Span<const SqlValue> values);
  absl::StatusOr<PostgresqlStatement> Prepared(absl::string_view sql,
                                               absl::Span<const SqlValue> values);
  // Sends what is queued, and keeps the transaction open.
  absl::Status Flush();
  absl::Status EnsureConnected();
  // The queue of a transaction's start.
  void QueueStart();
  // Looks at the answers to what was queued.
  absl::Status ReadQueued(const std::vector<PostgresqlResult>& results);
  // What became of a COMMIT that was not answered.
  absl::Status LookUpCommit(const absl::Status& lost);
  void Drop();
  absl::Status Failed(absl::Status status);
  const StatementText& Translated(absl::string_view sql);
  absl::Duration TakeLimit();

  const ConnectionTarget target_;
  const Access access_;
  const PostgresqlLimits limits_;
  const std::function<void()> on_unreplicated_;
  const std::string each_ms_;
  const std::string bulk_ms_;
  const std::string idle_ms_;
  std::unique_ptr<PostgresqlConnection> connection_;
  absl::flat_hash_map<std::string, StatementText> translated_;

  // Of the transaction in progress.
  bool began_ = false;     // Begin was called, and the end not yet
  bool answered_ = false;  // something of it was answered
  bool bulk_ = false;
  std::string transaction_id_;
  std::set<std::string, std::less<>> locked_;
  std::vector<Queued> queue_;
  absl::Status failure_;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_STATE_POSTGRESQL_POSTGRESQL_SESSION_H_
