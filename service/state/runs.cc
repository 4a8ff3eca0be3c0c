#include <algorithm>
#include <limits>

#include "absl/strings/str_cat.h"

#include "service/base/status_macros.h"
#include "service/state/run_columns.h"
#include "service/state/run_query.h"
#include "service/state/sql_transaction.h"

namespace logexport {
namespace {

// Totals are exact up to here.
constexpr std::int64_t kMaxExactTotal = 10'000;

// Runs deleted in one go: a few milliseconds, in which a commit may have to wait.
constexpr int kMaxPruned = 500;

absl::Status NoRunError(absl::string_view exporter, absl::string_view run_id) {
  return absl::NotFoundError(
      absl::StrCat("the exporter '", exporter, "' has no run '", run_id, "'"));
}

}  // namespace

absl::StatusOr<RunRecord> SqlTransaction::AddRun(const RunRecord& run) {
  RETURN_IF_ERROR(Enter("AddRun", Mode::kWrite, run.exporter));
  ASSIGN_OR_RETURN(const std::optional<std::int64_t> newest,
                   SelectFirst("SELECT created_order FROM runs INDEXED BY runs_by_created "
                               "WHERE exporter = :exporter ORDER BY created_order DESC LIMIT 1",
                               {run.exporter}, ReadIntColumn));
  const std::int64_t created = ToStoredTime(run.created);
  const RunValues columns(run);
  std::vector<SqlValue> values{run.exporter, run.run_id, created,
                               std::max(created, newest.value_or(created))};
  columns.AppendTerms(&values);
  columns.AppendProgress(&values);
  ASSIGN_OR_RETURN(const std::optional<std::int64_t> sequence,
                   SelectFirst(InsertRun(), values, ReadIntColumn));
  RunRecord added = run;
  added.sequence = sequence.value_or(0);
  return added;
}

absl::StatusOr<RunRecord> SqlTransaction::GetRun(absl::string_view exporter,
                                                 absl::string_view run_id) {
  RETURN_IF_ERROR(Enter("GetRun", Mode::kRead, exporter));
  static const auto* const kSql = new std::string(
      absl::StrCat(SelectRuns(), " WHERE exporter = :exporter AND run_id = :run_id"));
  ASSIGN_OR_RETURN(std::optional<RunRecord> run, SelectFirst(*kSql, {exporter, run_id}, ReadRun));
  if (run.has_value()) return *std::move(run);
  ASSIGN_OR_RETURN(run, FoldAround(exporter, run_id));
  if (!run.has_value()) return NoRunError(exporter, run_id);
  return *std::move(run);
}

// Ids grow with time, and no other run begins within a fold: what lies between its first and its
// last id was folded.
absl::StatusOr<std::optional<RunRecord>> SqlTransaction::FoldAround(absl::string_view exporter,
                                                                    absl::string_view run_id) {
  static const auto* const kSql = new std::string(
      absl::StrCat(SelectRuns(),
                   " INDEXED BY runs_by_id WHERE exporter = :exporter AND run_id < :run_id "
                   "ORDER BY run_id DESC LIMIT 1"));
  ASSIGN_OR_RETURN(std::optional<RunRecord> run, SelectFirst(*kSql, {exporter, run_id}, ReadRun));
  if (run.has_value() && run->last_idle_run < run_id) run.reset();
  return run;
}

absl::StatusOr<std::vector<std::string>> SqlTransaction::RunIdsWithPrefix(
    absl::string_view exporter, absl::string_view prefix, int most) {
  RETURN_IF_ERROR(Enter("RunIdsWithPrefix", Mode::kRead, exporter));
  // Every character of an id sorts before `~`.
  ASSIGN_OR_RETURN(
      std::vector<std::string> ids,
      SelectAll("SELECT run_id FROM runs INDEXED BY runs_by_id WHERE exporter = :exporter "
                "AND run_id >= :first AND run_id < :end ORDER BY run_id LIMIT :most",
                {exporter, prefix, absl::StrCat(prefix, "~"), static_cast<std::int64_t>(most)},
                ReadTextColumn));
  ASSIGN_OR_RETURN(const std::optional<RunRecord> fold, FoldAround(exporter, prefix));
  if (fold.has_value()) ids.insert(ids.begin(), fold->run_id);
  if (ids.size() > static_cast<std::size_t>(most)) ids.resize(static_cast<std::size_t>(most));
  return ids;
}

absl::StatusOr<std::vector<RunRecord>> SqlTransaction::UnfinishedRuns(absl::string_view exporter) {
  RETURN_IF_ERROR(Enter("UnfinishedRuns", Mode::kRead, exporter));
  static const auto* const kSql =
      new std::string(absl::StrCat(SelectRuns(),
                                   " INDEXED BY runs_by_state WHERE exporter = :exporter "
                                   "AND state IN ('QUEUED', 'RUNNING') ORDER BY sequence"));
  return SelectAll(*kSql, {exporter}, ReadRun);
}

absl::Status SqlTransaction::UpdateRun(const RunRecord& run) {
  RETURN_IF_ERROR(Enter("UpdateRun", Mode::kWrite, run.exporter));
  static const auto* const kSql = new std::string(absl::StrCat(
      UpdateRunTermsAndProgress(), " WHERE exporter = :of_exporter AND run_id = :run_id"));
  const RunValues columns(run);
  std::vector<SqlValue> values;
  columns.AppendTerms(&values);
  columns.AppendProgress(&values);
  values.insert(values.end(), {run.exporter, run.run_id});
  ASSIGN_OR_RETURN(const std::int64_t changed, session_.Execute(*kSql, values));
  return changed == 0 ? NoRunError(run.exporter, run.run_id) : absl::OkStatus();
}

absl::Status SqlTransaction::DeleteRun(absl::string_view exporter, absl::string_view run_id) {
  RETURN_IF_ERROR(Enter("DeleteRun", Mode::kWrite, exporter));
  ASSIGN_OR_RETURN(
      const std::int64_t deleted,
      session_.Execute("DELETE FROM runs WHERE exporter = :exporter AND run_id = :run_id",
                       {exporter, run_id}));
  return deleted == 0 ? NoRunError(exporter, run_id) : absl::OkStatus();
}

absl::StatusOr<std::vector<RunRecord>> SqlTransaction::ListRuns(const RunFilter& filter,
                                                                const PageRequest& page) {
  RETURN_IF_ERROR(Enter("ListRuns", Mode::kRead));
  ASSIGN_OR_RETURN(const std::vector<std::string> exporters, ExportersOf(filter));
  std::vector<std::int64_t> sequences;
  for (const std::string& exporter : exporters) {
    RunQuery query(session_, exporter, filter);
    ASSIGN_OR_RETURN(const std::vector<std::int64_t> found, query.Find(page.size, PageStart(page)));
    sequences.insert(sequences.end(), found.begin(), found.end());
  }
  std::sort(sequences.begin(), sequences.end(), std::greater<>());
  static const auto* const kSql =
      new std::string(absl::StrCat(SelectRuns(), " WHERE sequence = :sequence"));
  std::vector<RunRecord> runs;
  for (const std::int64_t sequence : sequences) {
    if (runs.size() == static_cast<std::size_t>(page.size)) break;
    RETURN_IF_ERROR(
        session_.Select(*kSql, {sequence}, [&runs](SqlRow& row) { runs.push_back(ReadRun(row)); }));
  }
  return runs;
}

absl::StatusOr<Total> SqlTransaction::CountRuns(const RunFilter& filter) {
  RETURN_IF_ERROR(Enter("CountRuns", Mode::kRead));
  ASSIGN_OR_RETURN(const std::vector<std::string> exporters, ExportersOf(filter));
  std::int64_t count = 0;
  for (const std::string& exporter : exporters) {
    if (count > kMaxExactTotal) break;
    RunQuery query(session_, exporter, filter);
    ASSIGN_OR_RETURN(const std::int64_t found, query.Count(kMaxExactTotal + 1 - count));
    count += found;
  }
  return Total{std::min(count, kMaxExactTotal), count <= kMaxExactTotal};
}

absl::StatusOr<std::vector<std::string>> SqlTransaction::ExportersOf(const RunFilter& filter) {
  if (!filter.exporter.empty()) return std::vector<std::string>{filter.exporter};
  return SelectAll("SELECT id FROM exporters ORDER BY id", {}, ReadTextColumn);
}

absl::StatusOr<std::int64_t> SqlTransaction::PruneRuns(absl::string_view exporter,
                                                       absl::Time before, std::int64_t keep) {
  RETURN_IF_ERROR(Enter("PruneRuns", Mode::kWrite, exporter));
  session_.ExpectBulk();
  // Both bounds are a sequence below which runs go: that of the first run that is young enough, and
  // that of the last one to keep.
  ASSIGN_OR_RETURN(const std::optional<std::int64_t> young,
                   SelectFirst("SELECT sequence FROM runs INDEXED BY runs_by_created "
                               "WHERE exporter = :exporter AND created_order >= :before "
                               "ORDER BY created_order, sequence LIMIT 1",
                               {exporter, before}, ReadIntColumn));
  std::int64_t bound = young.value_or(std::numeric_limits<std::int64_t>::max());
  if (keep > 0) {
    ASSIGN_OR_RETURN(const std::optional<std::int64_t> last_kept,
                     SelectFirst("SELECT sequence FROM runs INDEXED BY runs_by_exporter "
                                 "WHERE exporter = :exporter "
                                 "ORDER BY sequence DESC LIMIT 1 OFFSET :skip",
                                 {exporter, keep - 1}, ReadIntColumn));
    bound = std::max(bound, last_kept.value_or(0));
  }
  // What an exporter's record names stays, however old it is.
  return session_.Execute(
      "DELETE FROM runs WHERE sequence IN ("
      "SELECT sequence FROM runs INDEXED BY runs_by_exporter "
      "WHERE exporter = :exporter AND sequence < :bound AND state NOT IN ('QUEUED', 'RUNNING') "
      "AND run_id NOT IN (SELECT last_run_id FROM exporters WHERE id = :of_last "
      "UNION ALL SELECT last_success_id FROM exporters WHERE id = :of_success) "
      "ORDER BY sequence LIMIT :size)",
      {exporter, bound, exporter, exporter, kMaxPruned});
}

}  // namespace logexport
