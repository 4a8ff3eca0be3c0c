#ifndef LOGEXPORT_SERVICE_STATE_SQL_SESSION_H_
#define LOGEXPORT_SERVICE_STATE_SQL_SESSION_H_

#include <cstdint>
#include <functional>
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

  // Bytes for a column of type BLOB.
  static SqlValue Blob(absl::string_view bytes) {
    SqlValue value(bytes);
    value.is_blob_ = true;
    return value;
  }

  bool is_text() const { return is_text_; }  // also of a blob
  bool is_blob() const { return is_blob_; }
  bool is_null() const { return null_; }
  std::int64_t number() const { return number_; }
  absl::string_view text() const { return text_; }

 private:
  std::int64_t number_ = 0;
  absl::string_view text_;
  bool is_text_ = false;
  bool is_blob_ = false;
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

  // ---- for the engines, which fill the columns of each row and call its reader through Hand.
  struct Column {
    std::string text;
    bool null = false;
  };
  std::vector<Column>& columns() { return columns_; }
  // Gives the row to `each`, unless a row before could not be read. `sql` is for errors.
  void Hand(absl::string_view sql, absl::FunctionRef<void(SqlRow&)> each);
  const absl::Status& status() const { return status_; }
  void ForgetErrors() { status_ = absl::OkStatus(); }

 private:
  Column& Next();

  std::vector<Column> columns_;
  std::size_t next_ = 0;
  absl::Status status_;
};

// A statement that means a mistake in the program, with what is wrong about it.
absl::Status MisuseError(absl::string_view sql, absl::string_view what);

// One connection to a database: it runs statements and turns every error into a status that says
// what to do (see Transaction for the codes). Used by one thread at a time.
//
// Statements are written once for all engines. Where their dialects differ, an engine replaces
// these words of ours and of SQLite, and nothing else, before it prepares a statement:
//   :name               a value; each placeholder occurs once, values are given in their order
//   greatest(…), least(…)   of two or more values
//   strings_of(:list)   the strings of a JSON list, as rows
//   database_now        the time by the database's clock, as times are stored
//   INDEXED BY name     the index to use, for engines that can be told
//   INTEGER, TEXT, BLOB, AUTOINCREMENT  in what makes tables: 64 bits; compared bytewise; bytes; a
//                       number that the database gives
// Errors never contain values, which may be secrets.
class SqlSession {
 public:
  virtual ~SqlSession() = default;

  // Runs a statement and answers how many rows it changed. A row that is refused, because it is
  // there already or its exporter is not, leaves the transaction as it was.
  virtual absl::StatusOr<std::int64_t> Execute(absl::string_view sql,
                                               absl::Span<const SqlValue> values = {}) = 0;

  // Runs a statement that answers rows and calls `each` with all of them, in order.
  virtual absl::Status Select(absl::string_view sql, absl::Span<const SqlValue> values,
                              absl::FunctionRef<void(SqlRow&)> each) = 0;

  // In a transaction, the same for statements whose outcome nobody waits for: they may be sent with
  // a later one or with the commit, and errors come with that. `each` is called by then, and must
  // be callable until then.
  virtual void ExecuteLater(absl::string_view sql, absl::Span<const SqlValue> values) = 0;
  virtual void SelectLater(absl::string_view sql, absl::Span<const SqlValue> values,
                           std::function<void(SqlRow&)> each) = 0;

  // In a transaction for writing: nobody else writes what belongs to this exporter from now on, or
  // to any exporter if it is empty, until the transaction ends. Without effect where writers take
  // turns anyway. Errors come with the next statement.
  virtual void LockExporter(absl::string_view exporter) = 0;

  // The next statement may have much to do, and takes its time.
  virtual void ExpectBulk() = 0;

  virtual absl::Status Begin() = 0;
  virtual absl::Status Commit() = 0;
  // Leaves no transaction open, whatever happened before.
  virtual void Rollback() = 0;

  // The first error of the database since Begin; after one, only Rollback makes sense.
  virtual const absl::Status& failure() const = 0;
};

// Begins, calls `body` and commits; rolls back when that or the body fails, and answers the error.
absl::Status InTransaction(SqlSession& session, absl::FunctionRef<absl::Status()> body);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_STATE_SQL_SESSION_H_
