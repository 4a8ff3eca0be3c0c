#include "service/state/sql_session.h"

#include <limits>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

#include "service/base/status_macros.h"

namespace logexport {
namespace {

using StoredLimits = std::numeric_limits<std::int64_t>;

}  // namespace

absl::Status MisuseError(absl::string_view sql, absl::string_view what) {
  return absl::InternalError(absl::StrCat(what, " in the statement: ", sql));
}

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

absl::Status InTransaction(SqlSession& session, absl::FunctionRef<absl::Status()> body) {
  RETURN_IF_ERROR(session.Begin());
  absl::Status status = body();
  if (status.ok()) status = session.failure();
  if (status.ok()) status = session.Commit();
  if (!status.ok()) session.Rollback();
  return status;
}

void SqlRow::Hand(absl::string_view sql, absl::FunctionRef<void(SqlRow&)> each) {
  if (!status_.ok()) return;
  next_ = 0;
  each(*this);
  if (status_.ok() && next_ != columns_.size()) {
    status_ = MisuseError(sql, "a selected column is not read");
  }
}

}  // namespace logexport
