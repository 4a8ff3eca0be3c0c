#include "service/auth0/start_search.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"

#include "service/base/status_macros.h"
#include "service/base/time_text.h"

namespace logexport {
namespace {

// How far before the wanted log the start lies, where ids carry time.
constexpr absl::Duration kEarliestMargin = absl::Minutes(10);
constexpr absl::Duration kTimeMargin = absl::Minutes(1);

Position After(std::string id) {
  Position position;
  position.kind = Position::Kind::kAfter;
  position.id = std::move(id);
  return position;
}

Position At(absl::string_view id) {
  Position position;
  position.kind = Position::Kind::kAt;
  position.id = std::string(id);
  return position;
}

// Without logs there is nothing to tell which kind of id the tenant will have; the very beginning
// is right for both.
Position TheVeryBeginning() { return After(""); }

absl::StatusOr<Position> Earliest(LogReader* reader, const CallContext& context) {
  ASSIGN_OR_RETURN(const Page page, reader->Search("", LogReader::By::kOldest, context));
  if (page.logs.empty()) return TheVeryBeginning();
  const absl::string_view lowest = page.logs.front().id;
  const std::optional<absl::Time> time = TimeOfLogId(lowest);
  return time ? After(SyntheticLogId(*time - kEarliestMargin)) : At(lowest);
}

absl::StatusOr<Position> FromTime(absl::Time time, LogReader* reader, const CallContext& context) {
  const Position synthetic = After(SyntheticLogId(time - kTimeMargin));
  ASSIGN_OR_RETURN(const Page page,
                   reader->Search(absl::StrCat("date:[", FormatTimestamp(time), " TO *]"),
                                  LogReader::By::kOldest, context));
  if (!page.logs.empty()) {
    const absl::string_view lowest = page.logs.front().id;
    return TimeOfLogId(lowest) ? synthetic : At(lowest);
  }
  // No log is as young as that; the next one will be.
  ASSIGN_OR_RETURN(const Page newest, reader->Search("", LogReader::By::kNewest, context));
  if (newest.logs.empty() || TimeOfLogId(newest.last_id)) return synthetic;
  return After(newest.last_id);
}

// `as_of` is the beginning of time when the newest log of all is meant.
absl::StatusOr<Position> Latest(absl::Time as_of, LogReader* reader, const CallContext& context) {
  const bool now = as_of <= absl::UnixEpoch();
  ASSIGN_OR_RETURN(
      const Page page,
      reader->Search(now ? "" : absl::StrCat("date:[* TO ", FormatTimestamp(as_of), "]"),
                     LogReader::By::kNewest, context));
  if (page.logs.empty()) return TheVeryBeginning();
  if (now) return After(page.last_id);
  // A log dated before `as_of` may have arrived after it, and others with it.
  const auto existed = std::find_if(page.logs.rbegin(), page.logs.rend(), [&](const Log& log) {
    return TimeOfLogId(log.id).value_or(as_of) <= as_of;
  });
  return After(existed == page.logs.rend() ? SyntheticLogId(as_of) : std::string(existed->id));
}

}  // namespace

absl::StatusOr<Position> ResolveStart(const Position& position, LogReader* reader,
                                      const CallContext& context) {
  switch (position.kind) {
    case Position::Kind::kAfter:
    case Position::Kind::kAt:
      return position;
    case Position::Kind::kEarliest:
      return Earliest(reader, context);
    case Position::Kind::kTime:
      return FromTime(position.time, reader, context);
    case Position::Kind::kLatest:
      return Latest(position.time, reader, context);
  }
  return position;
}

}  // namespace logexport
