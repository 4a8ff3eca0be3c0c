#include <algorithm>
#include <utility>

#include "service/base/status_macros.h"
#include "service/state/settled_logs.h"
#include "service/state/sql_transaction.h"

namespace logexport {
namespace {

constexpr std::int64_t kSecondsPerHour = 3600;

// A piece just fits into a page of the database (4 KiB), so that adding a log to it writes one page
// and no more.
constexpr std::size_t kLogsPerPiece = 480;
// Pieces deleted in one go: a few milliseconds, in which a commit may have to wait.
constexpr int kMostPiecesPruned = 200;
// Logs without any time cannot be forgotten by their age. So many pieces of them are kept.
constexpr int kPiecesWithoutTime = 1000;

absl::Time TimeAt(std::int64_t hour, std::int64_t second) {
  return absl::FromUnixSeconds(hour * kSecondsPerHour + second);
}

// Eight bytes a hash, the lowest first.
std::string Packed(const std::vector<SettledLogs::Entry>& logs, std::size_t begin,
                   std::size_t end) {
  std::string bytes;
  bytes.reserve((end - begin) * sizeof(LogIdHash));
  for (std::size_t i = begin; i < end; ++i) {
    for (int shift = 0; shift < 64; shift += 8) {
      bytes.push_back(static_cast<char>(logs[i].id >> shift & 0xff));
    }
  }
  return bytes;
}

void Unpack(const std::string& bytes, std::vector<LogIdHash>* ids) {
  for (std::size_t i = 0; i + sizeof(LogIdHash) <= bytes.size(); i += sizeof(LogIdHash)) {
    LogIdHash id = 0;
    for (std::size_t byte = sizeof(LogIdHash); byte-- > 0;) {
      id = id << 8 | static_cast<unsigned char>(bytes[i + byte]);
    }
    ids->push_back(id);
  }
}

constexpr absl::string_view kOpenPiece =
    "SELECT id, logs FROM settled_logs WHERE exporter = :exporter "
    "AND hour = :hour AND logs < :full ORDER BY id DESC LIMIT 1";

OpenPiece ReadOpenPiece(SqlRow& row) {
  const std::int64_t id = row.ReadInt();
  return {id, row.ReadInt()};
}

RememberedStretch ReadStretch(SqlRow& row) {
  RememberedStretch stretch;
  const std::int64_t hour = row.ReadInt();
  stretch.first = TimeAt(hour, row.ReadInt());
  stretch.last = TimeAt(hour, row.ReadInt());
  stretch.age = absl::Seconds(row.ReadInt());
  stretch.logs = row.ReadInt();
  return stretch;
}

CompletenessRecord ReadCompleteness(SqlRow& row) {
  CompletenessRecord record;
  record.floor = row.ReadText();
  record.reached = row.ReadText();
  record.since = row.ReadTime();
  record.late_logs = row.ReadInt();
  record.last_late = row.ReadOptionalTime();
  return record;
}

CompletenessPass ReadPass(SqlRow& row) {
  const absl::Duration age = row.ReadDuration();
  return {age, row.ReadText()};
}

}  // namespace

void SqlTransaction::FindOpenPieces(const ProgressCommit& commit, OpenPieces* open) {
  if (commit.forgets) return;
  for (const SettledLogs& logs : commit.settled) {
    const auto [piece, fresh] = open->try_emplace(logs.hour);
    if (!fresh) continue;
    session_.SelectLater(
        kOpenPiece, {commit.run->exporter, logs.hour, static_cast<std::int64_t>(kLogsPerPiece)},
        [found = &piece->second](SqlRow& row) { *found = ReadOpenPiece(row); });
  }
}

absl::Status SqlTransaction::RememberSettled(const ProgressCommit& commit, OpenPieces open) {
  const std::string& exporter = commit.run->exporter;
  if (commit.forgets) {
    session_.ExecuteLater("DELETE FROM completeness WHERE exporter = :exporter", {exporter});
    return absl::OkStatus();
  }
  if (commit.expected_version.has_value() && commit.remembers_from.has_value()) {
    // A run that began beyond all that was read before has skipped what lies between.
    const std::string& began = *commit.remembers_from;
    session_.ExecuteLater(
        "INSERT INTO completeness (exporter, floor, reached, since, late_logs) "
        "VALUES (:exporter, :floor, :reached, :since, 0) "
        "ON CONFLICT (exporter) DO UPDATE SET "
        "floor = greatest(completeness.floor, :raised_floor, "
        "CASE WHEN :skipped_to > completeness.reached "
        "THEN :floor_skipped_to ELSE '' END), "
        "reached = greatest(completeness.reached, excluded.reached)",
        {exporter, std::max(began, commit.raises_floor_to), std::max(began, commit.position.id),
         context_.clock.Now(), commit.raises_floor_to, began, began});
  } else if (!commit.settled.empty()) {
    ASSIGN_OR_RETURN(const std::optional<std::int64_t> remembers,
                     SelectFirst("SELECT count(*) FROM completeness WHERE exporter = :exporter",
                                 {exporter}, ReadIntColumn));
    if (remembers.value_or(0) == 0) return absl::OkStatus();
  }
  for (const SettledLogs& logs : commit.settled) {
    auto piece = open.find(logs.hour);
    if (piece == open.end()) {
      // An hour that stands twice: what was found before is written to by now.
      piece = open.try_emplace(logs.hour).first;
      RETURN_IF_ERROR(session_.Select(
          kOpenPiece, {exporter, logs.hour, static_cast<std::int64_t>(kLogsPerPiece)},
          [&piece](SqlRow& row) { piece->second = ReadOpenPiece(row); }));
    }
    AddSettled(exporter, logs, piece->second);
    open.erase(piece);
  }
  return absl::OkStatus();
}

void SqlTransaction::AddSettled(absl::string_view exporter, const SettledLogs& settled,
                                const std::optional<OpenPiece>& open) {
  const std::vector<SettledLogs::Entry>& logs = settled.logs;
  const std::int64_t age = absl::ToInt64Seconds(std::max(settled.age, absl::ZeroDuration()));
  std::size_t begin = 0;
  const auto seconds_of = [&](std::size_t end) {
    const auto [first, last] =
        std::minmax_element(logs.begin() + static_cast<std::ptrdiff_t>(begin),
                            logs.begin() + static_cast<std::ptrdiff_t>(end),
                            [](const SettledLogs::Entry& a, const SettledLogs::Entry& b) {
                              return a.second < b.second;
                            });
    return std::pair<std::int64_t, std::int64_t>(first->second, last->second);
  };
  if (open.has_value() && !logs.empty()) {
    const std::size_t end =
        std::min(logs.size(), kLogsPerPiece - static_cast<std::size_t>(open->logs));
    const auto [first, last] = seconds_of(end);
    // Joined, two values are text for SQLite, whose bytes it leaves alone.
    const std::string ids = Packed(logs, 0, end);
    session_.ExecuteLater(
        "UPDATE settled_logs SET ids = CAST(ids || :ids AS BLOB), logs = logs + :logs, "
        "first = least(first, :first), last = greatest(last, :last), age = least(age, :age) "
        "WHERE id = :id",
        {SqlValue::Blob(ids), static_cast<std::int64_t>(end), first, last, age, open->id});
    begin = end;
  }
  while (begin < logs.size()) {
    const std::size_t end = std::min(logs.size(), begin + kLogsPerPiece);
    const auto [first, last] = seconds_of(end);
    const std::string ids = Packed(logs, begin, end);
    session_.ExecuteLater(
        "INSERT INTO settled_logs (exporter, hour, first, last, age, logs, ids) "
        "VALUES (:exporter, :hour, :first, :last, :age, :logs, CAST(:ids AS BLOB))",
        {exporter, settled.hour, first, last, age, static_cast<std::int64_t>(end - begin),
         SqlValue::Blob(ids)});
    begin = end;
  }
}

absl::Status SqlTransaction::RaiseFloor(absl::string_view exporter, const Position& before,
                                        const Position& after) {
  if (!after.resolved()) return absl::OkStatus();
  // Where the place before is not known yet, everything read so far counts as before.
  return session_
      .Execute(
          "UPDATE completeness SET floor = greatest(floor, :floor) WHERE exporter = :exporter "
          "AND :after > CASE WHEN :known THEN :before ELSE reached END",
          {after.id, exporter, after.id, before.resolved(), before.id})
      .status();
}

absl::StatusOr<std::optional<CompletenessRecord>> SqlTransaction::GetCompleteness(
    absl::string_view exporter) {
  RETURN_IF_ERROR(Enter("GetCompleteness", Mode::kRead, exporter));
  ASSIGN_OR_RETURN(std::optional<CompletenessRecord> record,
                   SelectFirst("SELECT floor, reached, since, late_logs, last_late "
                               "FROM completeness WHERE exporter = :exporter",
                               {exporter}, ReadCompleteness));
  if (!record.has_value()) return record;
  ASSIGN_OR_RETURN(record->passes, SelectAll("SELECT age, read_up_to FROM completeness_passes "
                                             "WHERE exporter = :exporter ORDER BY age",
                                             {exporter}, ReadPass));
  return record;
}

absl::StatusOr<std::vector<RememberedStretch>> SqlTransaction::ListRemembered(
    absl::string_view exporter, absl::Time from, int size) {
  RETURN_IF_ERROR(Enter("ListRemembered", Mode::kRead, exporter));
  const LogHour at = HourOf(from);
  return SelectAll(
      "SELECT hour, first, last, age, logs FROM settled_logs WHERE exporter = :exporter "
      "AND hour >= :hour AND hour * 3600 + last >= :second ORDER BY hour, first LIMIT :size",
      {exporter, at.hour, at.hour * kSecondsPerHour + at.second, size}, ReadStretch);
}

absl::StatusOr<std::vector<LogIdHash>> SqlTransaction::RememberedIds(absl::string_view exporter,
                                                                     absl::Time first,
                                                                     absl::Time last) {
  RETURN_IF_ERROR(Enter("RememberedIds", Mode::kRead, exporter));
  const LogHour from = HourOf(first);
  const LogHour to = HourOf(last);
  std::vector<LogIdHash> ids;
  RETURN_IF_ERROR(session_.Select(
      "SELECT ids FROM settled_logs WHERE exporter = :exporter AND hour BETWEEN :from AND :to "
      "AND hour * 3600 + last >= :first AND hour * 3600 + first <= :last",
      {exporter, from.hour, to.hour, from.hour * kSecondsPerHour + from.second,
       to.hour * kSecondsPerHour + to.second},
      [&ids](SqlRow& row) { Unpack(row.ReadText(), &ids); }));
  return ids;
}

absl::Status SqlTransaction::RecordPasses(absl::string_view exporter,
                                          const std::vector<CompletenessPass>& passes,
                                          std::int64_t late_logs, absl::Time now) {
  RETURN_IF_ERROR(Enter("RecordPasses", Mode::kWrite, exporter));
  ASSIGN_OR_RETURN(const std::int64_t known,
                   session_.Execute("UPDATE completeness SET late_logs = late_logs + :late, "
                                    "last_late = CASE WHEN :found THEN :now ELSE last_late END "
                                    "WHERE exporter = :exporter",
                                    {late_logs, late_logs > 0, now, exporter}));
  if (known == 0) return absl::OkStatus();  // it was turned off meanwhile
  RETURN_IF_ERROR(
      session_.Execute("DELETE FROM completeness_passes WHERE exporter = :exporter", {exporter})
          .status());
  for (const CompletenessPass& pass : passes) {
    RETURN_IF_ERROR(session_
                        .Execute("INSERT INTO completeness_passes (exporter, age, read_up_to) "
                                 "VALUES (:exporter, :age, :read_up_to)",
                                 {exporter, pass.age, pass.read_up_to})
                        .status());
  }
  return absl::OkStatus();
}

absl::StatusOr<std::int64_t> SqlTransaction::PruneRemembered(absl::string_view exporter,
                                                             absl::Time before,
                                                             absl::string_view floor) {
  RETURN_IF_ERROR(Enter("PruneRemembered", Mode::kWrite, exporter));
  session_.ExpectBulk();
  // Pieces of the first hour of 1970 have no time.
  ASSIGN_OR_RETURN(
      const std::int64_t old,
      session_.Execute("DELETE FROM settled_logs WHERE id IN (SELECT id FROM settled_logs "
                       "WHERE exporter = :exporter AND hour > 0 AND hour < :before "
                       "ORDER BY hour LIMIT :size)",
                       {exporter, HourOf(before).hour, kMostPiecesPruned}));
  ASSIGN_OR_RETURN(
      const std::int64_t without_time,
      session_.Execute("DELETE FROM settled_logs WHERE id IN (SELECT id FROM settled_logs "
                       "WHERE exporter = :exporter AND hour = 0 "
                       "ORDER BY id DESC LIMIT :size OFFSET :kept)",
                       {exporter, kMostPiecesPruned, kPiecesWithoutTime}));
  // Where something was forgotten, nothing can be told to be late any more.
  if (old > 0) {
    RETURN_IF_ERROR(session_
                        .Execute("UPDATE completeness SET floor = greatest(floor, :floor) "
                                 "WHERE exporter = :exporter",
                                 {floor, exporter})
                        .status());
  }
  return old + without_time;
}

}  // namespace logexport
