#include "service/runs/announcements.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

#include "service/base/status_macros.h"
#include "service/runs/lag.h"
#include "service/runs/unfinished_runs.h"
#include "service/schedule/time_zone.h"

namespace logexport {
namespace {

// Reports of one day are summed page by page.
constexpr int kReportPage = 500;
constexpr std::size_t kFailuresShown = 3;
// Of the runs created before a report's time, those that ended in it are among the newest of their
// lane, since the runs of a lane follow each other.
constexpr int kOlderRuns = 20;

OutboxMessage Message(absl::string_view exporter, absl::string_view kind, std::string payload,
                      absl::Time now) {
  OutboxMessage message;
  message.exporter = std::string(exporter);
  message.kind = std::string(kind);
  message.payload = std::move(payload);
  message.created = now;
  message.next_attempt = now;
  return message;
}

absl::StatusOr<std::int64_t> DeadLettersOf(Transaction& tx, absl::string_view exporter) {
  DeadLetterFilter filter;
  filter.exporter = std::string(exporter);
  return tx.CountDeadLetters(filter);
}

// The last success, or the last commit of the run that is active now.
absl::StatusOr<std::optional<absl::Time>> LastProgress(Transaction& tx,
                                                       const ExporterRecord& exporter) {
  ASSIGN_OR_RETURN(const std::optional<RunRecord> active,
                   ActiveRun(tx, exporter.id, RunLane::kMain));
  ASSIGN_OR_RETURN(const Checkpoint checkpoint, tx.GetCheckpoint(exporter.id));
  const bool committed = active.has_value() && checkpoint.run_id == active->run_id;
  return committed ? checkpoint.updated : exporter.last_success;
}

// Adds the runs of one lane that ended in the time of the report. A run belongs to the report in
// whose time it ended: only then is it known what became of it.
absl::Status AddRuns(Transaction& tx, const std::vector<RunKind>& kinds, DailyNews* news) {
  RunFilter filter;
  filter.exporter = news->exporter;
  filter.kinds = kinds;
  filter.created_to = news->to;
  PageRequest page{kReportPage, 0};
  std::size_t failures = 0;
  for (int older = 0; older < kOlderRuns;) {
    ASSIGN_OR_RETURN(const std::vector<RunRecord> runs, tx.ListRuns(filter, page));
    for (const RunRecord& run : runs) {
      if (run.created < news->from) ++older;
      if (!run.ended.has_value() || *run.ended < news->from || *run.ended >= news->to) continue;
      ++news->runs;
      if (run.parameters.kind != RunKind::kDryRun) news->logs += run.ledger.logs;
      for (const RunWarning& warning : run.warnings) news->warnings[warning.code] += warning.count;
      if (run.state != RunState::kFailed) continue;
      ++news->failed_runs;
      if (run.error.has_value()) ++news->errors[run.error->reason];
      if (failures++ < kFailuresShown) news->last_failures.push_back(run);
    }
    if (runs.size() < static_cast<std::size_t>(kReportPage)) break;
    page.before = runs.back().sequence;
  }
  return absl::OkStatus();
}

absl::StatusOr<DailyNews> SumUp(Transaction& tx, const ExporterRecord& exporter,
                                const DailyReportDue& report, const SlackSettings& slack,
                                absl::Duration settle_delay, absl::Time now) {
  DailyNews news;
  news.exporter = exporter.id;
  news.day = report.day;
  news.from = report.from;
  news.to = report.to;
  news.written = now;
  news.time_zone = slack.time_zone;
  for (const auto& kinds :
       {std::vector{RunKind::kExport}, {RunKind::kWindow, RunKind::kRedrive, RunKind::kDryRun}}) {
    RETURN_IF_ERROR(AddRuns(tx, kinds, &news));
  }
  std::stable_sort(news.last_failures.begin(), news.last_failures.end(),
                   [](const RunRecord& a, const RunRecord& b) { return a.ended > b.ended; });
  if (news.last_failures.size() > kFailuresShown) news.last_failures.resize(kFailuresShown);
  ASSIGN_OR_RETURN(news.dead_letters, DeadLettersOf(tx, exporter.id));
  ASSIGN_OR_RETURN(const Checkpoint checkpoint, tx.GetCheckpoint(exporter.id));
  news.checkpoint = checkpoint.position;
  news.lag = LagOf(exporter, checkpoint, settle_delay, now);
  return news;
}

}  // namespace

RunAnnouncement DecideRunAnnouncement(const RunRecord& run, const ExporterRecord& before,
                                      const SlackSettings& slack, absl::Time now) {
  if (slack.webhook.empty()) return RunAnnouncement::kNone;
  const bool exporting = run.parameters.kind == RunKind::kExport;
  if (run.parameters.kind == RunKind::kDryRun) return RunAnnouncement::kNone;
  if (run.state == RunState::kFailed) {
    // A run that somebody asked for in particular is told by itself.
    if (!exporting || !before.failure_announced.has_value()) return RunAnnouncement::kFailed;
    // One announced in the future was announced before the clock was set back.
    const absl::Duration since = now - *before.failure_announced;
    const bool due = since >= slack.reminder_interval || since < absl::ZeroDuration();
    return due ? RunAnnouncement::kReminder : RunAnnouncement::kNone;
  }
  if (run.state != RunState::kSucceeded) return RunAnnouncement::kNone;
  if (exporting && before.failure_announced.has_value()) return RunAnnouncement::kRecovered;
  return slack.send_success ? RunAnnouncement::kSucceeded : RunAnnouncement::kNone;
}

SilenceDecision DecideSilence(const ExporterRecord& exporter, const Schedule& schedule,
                              const SlackSettings& slack, absl::Time now) {
  SilenceDecision decision;
  const absl::Time since = std::max({exporter.last_success.value_or(exporter.created),
                                     exporter.last_caught_up.value_or(absl::InfinitePast()),
                                     exporter.resumed.value_or(absl::InfinitePast())});
  decision.silent_for = now - since;
  if (slack.silence_periods <= 0 || exporter.pause.has_value()) return decision;
  absl::Time fire = since;
  // One fire beyond the last period is allowed for: a run takes its time.
  for (int i = 0; i <= slack.silence_periods; ++i) {
    fire = schedule.NextAfter(fire);
    if (fire > now) return decision;
    decision.periods = i + 1;
  }
  decision.silent = true;
  return decision;
}

absl::StatusOr<SilenceDecision> SilenceOf(Transaction& tx, const ExporterRecord& exporter,
                                          const Schedule& schedule, const SlackSettings& slack,
                                          absl::Time now) {
  // Whoever pauses an exporter knows that it is silent; an alarm from before stands until a run
  // succeeds, and resuming is no success.
  ExporterRecord counted = exporter;
  if (exporter.silence_announced.has_value()) counted.resumed.reset();
  SilenceDecision silence = DecideSilence(counted, schedule, slack, now);
  if (silence.silent && !exporter.silence_announced.has_value()) {
    // Nor is a run silent that gets on, such as the first of a long backlog.
    ASSIGN_OR_RETURN(counted.last_success, LastProgress(tx, exporter));
    silence.silent = DecideSilence(counted, schedule, slack, now).silent;
  }
  return silence;
}

std::optional<DailyReportDue> DueDailyReport(const ExporterRecord& exporter,
                                             const SlackSettings& slack, absl::Time now) {
  if (slack.webhook.empty() || !slack.daily_report_hour.has_value()) return std::nullopt;
  const absl::StatusOr<absl::TimeZone> zone = LoadZone(slack.time_zone);
  if (!zone.ok()) return std::nullopt;
  const auto hour_of = [&](absl::CivilDay day) {
    return absl::FromCivil(absl::CivilHour(day) + *slack.daily_report_hour, *zone);
  };
  absl::CivilDay day = absl::ToCivilDay(now, *zone);
  if (now < hour_of(day)) --day;
  DailyReportDue report;
  report.day = absl::FormatCivilTime(day);
  report.from = hour_of(day - 1);
  report.to = hour_of(day);
  // An exporter that was created after the hour has nothing to report before the next.
  if (exporter.created >= report.to || exporter.last_daily_report >= report.day) {
    return std::nullopt;
  }
  return report;
}

absl::Status Announcer::RunEnded(Transaction& tx, const RunRecord& run, const SlackSettings& slack,
                                 absl::Time now, ExporterRecord* exporter) const {
  const RunAnnouncement what = DecideRunAnnouncement(run, *exporter, slack, now);
  const bool exporting = run.parameters.kind == RunKind::kExport;
  if (what != RunAnnouncement::kNone) {
    RunNews news{run, *exporter, 0, std::nullopt};
    ASSIGN_OR_RETURN(news.dead_letters, DeadLettersOf(tx, run.exporter));
    ASSIGN_OR_RETURN(const Checkpoint checkpoint, tx.GetCheckpoint(run.exporter));
    news.lag = LagOf(*exporter, checkpoint, absl::ZeroDuration(), now);
    switch (what) {
      case RunAnnouncement::kFailed:
      case RunAnnouncement::kReminder:
        RETURN_IF_ERROR(tx.AddOutbox(
            Message(run.exporter, "run_failed",
                    notifier_.RunFailed(news, what == RunAnnouncement::kReminder), now)));
        if (exporting) exporter->failure_announced = now;
        break;
      case RunAnnouncement::kRecovered:
        RETURN_IF_ERROR(
            tx.AddOutbox(Message(run.exporter, "recovered", notifier_.Recovered(news), now)));
        break;
      case RunAnnouncement::kSucceeded:
        RETURN_IF_ERROR(tx.AddOutbox(
            Message(run.exporter, "run_succeeded", notifier_.RunSucceeded(news), now)));
        break;
      case RunAnnouncement::kNone:
        break;
    }
  }
  if (exporting && run.state == RunState::kSucceeded) exporter->failure_announced.reset();
  return absl::OkStatus();
}

absl::StatusOr<bool> Announcer::Periodic(Transaction& tx, ExporterRecord exporter,
                                         const Schedule& schedule, const SlackSettings& slack,
                                         absl::Duration settle_delay, absl::Time now) const {
  if (slack.webhook.empty()) return false;
  bool added = false;
  ASSIGN_OR_RETURN(const SilenceDecision silence, SilenceOf(tx, exporter, schedule, slack, now));
  if (!exporter.pause.has_value() && silence.silent != exporter.silence_announced.has_value()) {
    SilenceNews news;
    news.exporter = exporter.id;
    news.last_success = exporter.last_success;
    news.silent_for = silence.silent_for;
    news.periods = silence.periods;
    news.consecutive_failures = exporter.consecutive_failures;
    ASSIGN_OR_RETURN(news.dead_letters, DeadLettersOf(tx, exporter.id));
    ASSIGN_OR_RETURN(const Checkpoint checkpoint, tx.GetCheckpoint(exporter.id));
    news.checkpoint = checkpoint.position;
    if (!exporter.last_run_id.empty()) {
      const absl::StatusOr<RunRecord> last = tx.GetRun(exporter.id, exporter.last_run_id);
      if (last.ok()) news.last_error = last->error;
    }
    RETURN_IF_ERROR(tx.AddOutbox(
        silence.silent ? Message(exporter.id, "silence", notifier_.Silence(news), now)
                       : Message(exporter.id, "silence_over", notifier_.SilenceOver(news), now)));
    exporter.silence_announced =
        silence.silent ? std::optional<absl::Time>(now) : std::optional<absl::Time>();
    added = true;
  }
  if (std::optional<DailyReportDue> report = DueDailyReport(exporter, slack, now)) {
    ASSIGN_OR_RETURN(const DailyNews news, SumUp(tx, exporter, *report, slack, settle_delay, now));
    RETURN_IF_ERROR(
        tx.AddOutbox(Message(exporter.id, kDailyReportMessage, notifier_.DailyReport(news), now)));
    exporter.last_daily_report = std::move(report->day);
    added = true;
  }
  if (added) RETURN_IF_ERROR(tx.UpdateExporter(exporter));
  return added;
}

}  // namespace logexport
