#ifndef LOGEXPORT_SERVICE_STATE_SQL_SESSION_H_
#define LOGEXPORT_SERVICE_STATE_SQL_SESSION_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"

namespace logexport {

// Times are stored as microseconds since 1970 in UTC, durations as microseconds; the infinite ones
// as the ends of the range.
std::int64_t ToStoredTime(absl::Time time);
absl::Time FromStoredTime(std::int64_t micros);
std::int64_t ToStoredDuration(absl::Duration duration);
absl::Duration FromStoredDuration(std::int64_t micros);

// A value for a placeholder of a statement. Views must stay valid until the call that takes it
// returns.
class SqlValue {
 public:
  SqlValue(std::int64_t value) : number_(value) {}
  SqlValue(int value) : number_(value) {}
  SqlValue(bool value) : number_(value ? 1 : 0) {}
  SqlValue(absl::Time value) : number_(ToStoredTime(value)) {}
  SqlValue(absl::Duration value) : number_(ToStoredDuration(value)) {}
  SqlValue(std::optional<absl::Time> value)
      : number_(value.has_value() ? ToStoredTime(*value) : 0), null_(!value.has_value()) {}
  SqlValue(absl::string_view value) : text_(value), is_text_(true) {}
  SqlValue(const std::string& value) : text_(value), is_text_(true) {}
  SqlValue(const char* value) : text_(value), is_text_(true) {}
  SqlValue(std::optional<absl::string_view> value)
      : text_(value.value_or(absl::string_view())), is_text_(true), null_(!value.has_value()) {}

  bool is_text() const { return is_text_; }
  bool is_null() const { return null_; }
  std::int64_t number() const { return number_; }
  absl::string_view text() const { return text_; }

 private:
  std::int64_t number_ = 0;
  absl::string_view text_;
  bool is_text_ = false;
  bool null_ = false;
};

// A row of an answer, read column by column from the left. What cannot be read (a NULL where none
// may be, a name that no enumeration knows) makes the whole select fail with DATA_LOSS.
class SqlRow {
 public:
  std::string ReadText();
  std::int64_t ReadInt();
  bool ReadBool() { return ReadInt() != 0; }
  absl::Time ReadTime() { return FromStoredTime(ReadInt()); }
  absl::Duration ReadDuration() { return FromStoredDuration(ReadInt()); }
  std::optional<absl::Time> ReadOptionalTime();
  std::optional<std::string> ReadOptionalText();
  // `parse` is the Parse… function of an enumeration.
  template <typename T>
  T ReadName(std::optional<T> (*parse)(absl::string_view)) {
    const std::string name = ReadText();
    const std::optional<T> value = parse(name);
    if (!value.has_value()) Fail(name);
    return value.value_or(T());
  }

  void SkipAll() { next_ = columns_.size(); }

  // Marks the value just read, shown as `value`, as one that makes no sense.
  void Fail(absl::string_view value);

 private:
  friend class PreparedStatement;
  struct Column {
    std::string text;
    bool null = false;
  };

  Column& Next();

  std::vector<Column> columns_;
  std::size_t next_ = 0;
  absl::Status status_;
};

// One connection to the database file, and the only place that talks to SOCI: it keeps statements
// prepared, reads every answer to its end, and turns exceptions into statuses that say what to do
// (see Store for the codes). Used by one thread at a time.
//
// In statements each placeholder (":name") occurs once; values are given in their order. Errors
// never contain values, which may be secrets.
class SqlSession {
 public:
  enum class Access { kReadWrite, kReadOnly };
  // How long a statement waits for another program that has the file. Writers wait one after
  // another, and the last writes of a service that is to stop have to fit into what SIGTERM leaves
  // them; who can wait longer tries again.
  static constexpr int kBusyTimeoutSeconds = 1;

  // `path` is an existing file. Sets up the connection; changes nothing in the file.
  static absl::StatusOr<std::unique_ptr<SqlSession>> Open(const std::string& path, Access access);

  ~SqlSession();
  SqlSession(const SqlSession&) = delete;
  SqlSession& operator=(const SqlSession&) = delete;

  // Runs a statement and answers how many rows it changed.
  absl::StatusOr<std::int64_t> Execute(absl::string_view sql,
                                       absl::Span<const SqlValue> values = {});

  // Runs a statement that answers rows and calls `each` with all of them, in order.
  absl::Status Select(absl::string_view sql, absl::Span<const SqlValue> values,
                      absl::FunctionRef<void(SqlRow&)> each);

  // BEGIN IMMEDIATE for a session that writes, else a snapshot that the first select takes.
  absl::Status Begin();
  absl::Status Commit();
  // Leaves no transaction open, whatever happened before.
  void Rollback();

  // The first error of the database since Begin; after one, only Rollback makes sense.
  const absl::Status& failure() const { return failure_; }

 private:
  struct Connection;

  SqlSession(const std::string& path, Access access);

  absl::Status Run(absl::string_view sql, absl::Span<const SqlValue> values,
                   absl::FunctionRef<void(SqlRow&)> each);
  absl::Status Failed(absl::Status status);

  const std::string path_;
  const Access access_;
  std::unique_ptr<Connection> connection_;
  absl::Status failure_;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_STATE_SQL_SESSION_H_
