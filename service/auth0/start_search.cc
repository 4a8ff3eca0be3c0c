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

// Of a tenant without logs everything is yet to come. Nothing can be said about the ids that it
// will have, so there is no id to read after.
Position Everything() { return Position(); }

absl::StatusOr<Position> Earliest(LogReader* reader, const CallContext& context) {
  ASSIGN_OR_RETURN(const Page page, reader->Search("", LogReader::By::kOldest, context));
  if (page.logs.empty()) return Everything();
  const absl::string_view lowest = page.logs.front().id;
  const std::optional<absl::Time> time = TimeOfLogId(lowest);
  return time ? After(SyntheticLogId(*time - kEarliestMargin)) : At(lowest);
}

absl::StatusOr<Position> FromTime(const Position& position, LogReader* reader,
                                  const CallContext& context) {
  const Position synthetic = After(SyntheticLogId(position.time - kTimeMargin));
  ASSIGN_OR_RETURN(const Page page,
                   reader->Search(absl::StrCat("date:[", FormatTimestamp(position.time), " TO *]"),
                                  LogReader::By::kOldest, context));
  if (!page.logs.empty()) {
    const absl::string_view lowest = page.logs.front().id;
    return TimeOfLogId(lowest) ? synthetic : At(lowest);
  }
  // No log is as young as that; the next one will be.
  ASSIGN_OR_RETURN(const Page newest, reader->Search("", LogReader::By::kNewest, context));
  if (newest.logs.empty()) return position;
  return TimeOfLogId(newest.last_id) ? synthetic : After(newest.last_id);
}

// The newest log of all.
absl::StatusOr<Position> Newest(LogReader* reader, const CallContext& context) {
  ASSIGN_OR_RETURN(const Page page, reader->Search("", LogReader::By::kNewest, context));
  return page.logs.empty() ? Everything() : After(page.last_id);
}

// The newest log that existed at `asked`, when our clock showed that time.
absl::StatusOr<Position> Latest(absl::Time asked, LogReader* reader, const CallContext& context) {
  // Auth0's clock decides. Its answer with the token tells how far ours is from it.
  RETURN_IF_ERROR(reader->client().ProbeToken(context));
  const absl::Time as_of = asked - reader->client().server_clock().Skew();
  ASSIGN_OR_RETURN(const Page page,
                   reader->Search(absl::StrCat("date:[* TO ", FormatTimestamp(as_of), "]"),
                                  LogReader::By::kNewest, context));
  // All logs there are have come since.
  if (page.logs.empty()) return Earliest(reader, context);
  // A log dated before `as_of` may have arrived after it, and others with it.
  const auto existed = std::find_if(page.logs.rbegin(), page.logs.rend(), [&](const Log& log) {
    return TimeOfLogId(log.id).value_or(as_of) <= as_of;
  });
  return After(existed == page.logs.rend() ? SyntheticLogId(as_of) : std::string(existed->id));
}

}  // namespace

absl::StatusOr<Position> ResolveStart(const Position& position, LogReader* reader,
                                      const CallContext& context) {
  if (position.resolved()) return position;
  switch (position.kind) {
    case Position::Kind::kTime:
      return FromTime(position, reader, context);
    case Position::Kind::kLatest:
      return position.time <= absl::UnixEpoch() ? Newest(reader, context)
                                                : Latest(position.time, reader, context);
    case Position::Kind::kAfter:
    case Position::Kind::kAt:
    case Position::Kind::kEarliest:
      break;
  }
  return Earliest(reader, context);
}

}  // namespace logexport
