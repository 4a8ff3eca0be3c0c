#ifndef LOGEXPORT_SERVICE_STATE_SQLITE_SQLITE_SESSION_H_
#define LOGEXPORT_SERVICE_STATE_SQLITE_SQLITE_SESSION_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

#include "service/state/sql_session.h"

namespace logexport {

// One connection to the database file, and the only place that talks to SOCI: it keeps statements
// prepared, reads every answer to its end, and turns exceptions into statuses.
class SqliteSession final : public SqlSession {
 public:
  enum class Access { kReadWrite, kReadOnly };
  // How long a statement waits for another program that has the file. Writers wait one after
  // another, and the last writes of a service that is to stop have to fit into what SIGTERM leaves
  // them; who can wait longer tries again.
  static constexpr int kBusyTimeoutSeconds = 1;

  // `path` is an existing file. Sets up the connection; changes nothing in the file.
  static absl::StatusOr<std::unique_ptr<SqliteSession>> Open(const std::string& path,
                                                             Access access);

  ~SqliteSession() override;
  SqliteSession(const SqliteSession&) = delete;
  SqliteSession& operator=(const SqliteSession&) = delete;

  absl::StatusOr<std::int64_t> Execute(absl::string_view sql,
                                       absl::Span<const SqlValue> values = {}) override;
  absl::Status Select(absl::string_view sql, absl::Span<const SqlValue> values,
                      absl::FunctionRef<void(SqlRow&)> each) override;
  // There is no way to be saved, so they run at once.
  void ExecuteLater(absl::string_view sql, absl::Span<const SqlValue> values) override;
  void SelectLater(absl::string_view sql, absl::Span<const SqlValue> values,
                   std::function<void(SqlRow&)> each) override;
  void LockExporter(absl::string_view) override {}
  void ExpectBulk() override {}

  // BEGIN IMMEDIATE for a session that writes, else a snapshot that the first select takes.
  absl::Status Begin() override;
  absl::Status Commit() override;
  void Rollback() override;
  const absl::Status& failure() const override { return failure_; }

 private:
  struct Connection;

  SqliteSession(const std::string& path, Access access);

  absl::Status Run(absl::string_view sql, absl::Span<const SqlValue> values,
                   absl::FunctionRef<void(SqlRow&)> each);
  absl::Status Failed(absl::Status status);

  const std::string path_;
  const Access access_;
  std::unique_ptr<Connection> connection_;
  absl::Status failure_;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_STATE_SQLITE_SQLITE_SESSION_H_
