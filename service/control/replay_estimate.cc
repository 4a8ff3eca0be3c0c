#include "service/control/replay_estimate.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "service/base/status_macros.h"
#include "service/control/report_message.h"

namespace logexport {
namespace {

// An estimate looks back this many runs that found something.
constexpr int kRunsEstimatedBy = 500;

// A stretch of time in which a run found logs.
struct Span {
  absl::Time begin;
  absl::Time end;
  std::int64_t logs = 0;
};

std::int64_t Rounded(double logs) { return std::llround(std::max(logs, 0.0)); }

// How many of the span's logs lie in [begin, end), taking them to be spread evenly.
double LogsWithin(const Span& span, absl::Time begin, absl::Time end) {
  const absl::Time first = std::max(span.begin, begin);
  const absl::Time last = std::min(span.end, end);
  if (span.begin == span.end) {
    return span.begin >= begin && span.begin < end ? static_cast<double>(span.logs) : 0;
  }
  if (last <= first) return 0;
  return static_cast<double>(span.logs) * absl::FDivDuration(last - first, span.end - span.begin);
}

// The runs from the end of the stretch back to its beginning, if each began where the one before
// it had ended. Their logs are then exactly those of the stretch.
std::optional<std::int64_t> CountByChain(const ReplayStretch& stretch,
                                         const std::vector<RunRecord>& runs) {
  if (stretch.from_id.empty()) return std::nullopt;
  std::string reached = stretch.to_id;
  std::int64_t logs = 0;
  for (const RunRecord& run : runs) {
    if (reached == stretch.from_id) return logs;
    if (run.checkpoint_before.id == run.checkpoint_after.id) continue;  // it moved nothing
    if (run.checkpoint_after.id != reached || !run.checkpoint_before.resolved()) {
      return std::nullopt;
    }
    logs += run.ledger.logs.fetched - run.ledger.unsettled;
    reached = run.checkpoint_before.id;
  }
  if (reached != stretch.from_id) return std::nullopt;
  return logs;
}

}  // namespace

v1::ReplayEstimate EstimateReplay(const ReplayStretch& stretch, const std::vector<RunRecord>& runs,
                                  absl::Time now) {
  std::vector<Span> spans;
  double logs_of_spans = 0;
  absl::Time oldest = stretch.to;
  double logs_sent = 0;
  absl::Duration at_work;
  for (const RunRecord& run : runs) {
    const std::int64_t settled = run.ledger.logs.fetched - run.ledger.unsettled;
    if (settled <= 0 || !run.first_log_time.has_value() || !run.last_log_time.has_value()) continue;
    spans.push_back({*run.first_log_time, *run.last_log_time, settled});
    logs_of_spans += static_cast<double>(settled);
    oldest = std::min(oldest, *run.first_log_time);
    if (run.started.has_value() && run.ended.has_value()) {
      logs_sent += static_cast<double>(settled);
      at_work += *run.ended - *run.started;
    }
  }
  const absl::Duration covered = stretch.to - oldest;
  const double per_second =
      covered > absl::ZeroDuration() ? logs_of_spans / absl::ToDoubleSeconds(covered) : 0;
  const absl::Time from = stretch.from.value_or(oldest);

  // Up to `end`: what the reports tell, and the mean rate for the time before the oldest of them.
  const auto estimate = [&](absl::Time end) {
    double logs = 0;
    for (const Span& span : spans) logs += LogsWithin(span, from, end);
    if (from < oldest) {
      logs += per_second *
              absl::ToDoubleSeconds(std::max(std::min(end, oldest) - from, absl::ZeroDuration()));
    }
    return logs;
  };

  v1::ReplayEstimate out;
  const std::optional<std::int64_t> counted = CountByChain(stretch, runs);
  // One nanosecond more, since the last log of a span belongs to it.
  out.set_logs(counted.value_or(Rounded(estimate(stretch.to + absl::Nanoseconds(1)))));
  out.set_exact(counted.has_value());
  out.set_logs_beyond_dedupe(std::min(out.logs(), Rounded(estimate(now - kDedupeLookBack))));
  if (logs_sent > 0 && at_work > absl::ZeroDuration()) {
    *out.mutable_duration() = ToProto(
        absl::Ceil(at_work * (static_cast<double>(out.logs()) / logs_sent), absl::Seconds(1)));
  }
  return out;
}

absl::StatusOr<v1::ReplayEstimate> EstimateReplay(Transaction& tx, absl::string_view exporter,
                                                  const ReplayStretch& stretch, absl::Time now) {
  RunFilter filter;
  filter.exporter = std::string(exporter);
  filter.kinds = {RunKind::kExport};
  filter.min_logs = 1;
  ASSIGN_OR_RETURN(const std::vector<RunRecord> runs, tx.ListRuns(filter, {kRunsEstimatedBy, 0}));
  return EstimateReplay(stretch, runs, now);
}

}  // namespace logexport
