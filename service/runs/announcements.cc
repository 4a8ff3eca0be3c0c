#include "service/runs/announcements.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"

#include "service/base/status_macros.h"
#include "service/runs/completeness_state.h"
#include "service/runs/lag.h"
#include "service/schedule/time_zone.h"
#include "service/state/idle_runs.h"

namespace logexport {
namespace {

// Reports of one day are summed page by page.
constexpr int kReportPage = 500;
constexpr std::size_t kFailuresShown = 3;
// How many runs created before the report's time are looked at. Runs of a lane follow each other,
// so of those created earlier only the newest can have ended within it.
constexpr int kOlderRuns = 20;

absl::string_view ReasonOf(const RunRecord& run) {
  return run.error.has_value() ? absl::string_view(run.error->reason)
                               : StopReasonName(run.stop_reason);
}

absl::StatusOr<std::int64_t> DeadLettersOf(Transaction& tx, absl::string_view exporter) {
  DeadLetterFilter filter;
  filter.exporter = std::string(exporter);
  return tx.CountDeadLetters(filter);
}

// The last success, or the last commit of a run, whether it goes on, failed later or was ended.
absl::StatusOr<std::optional<absl::Time>> LastProgress(Transaction& tx,
                                                       const ExporterRecord& exporter,
                                                       absl::Time now) {
  ASSIGN_OR_RETURN(const Checkpoint checkpoint, tx.GetCheckpoint(exporter.id));
  // A moment in the future was noted by a clock that was wrong.
  const bool committed = !checkpoint.run_id.empty() && checkpoint.updated <= now;
  if (!committed) return exporter.last_success;
  const bool known = exporter.last_success.has_value() && *exporter.last_success <= now;
  return known ? std::max(*exporter.last_success, checkpoint.updated) : checkpoint.updated;
}

// Of the runs that found nothing and that one record stands for.
std::int64_t IdleRunsEndedIn(const RunRecord& run, absl::Time from, absl::Time to) {
  const IdleRuns runs = SpreadIdleRuns(run.idle_runs, run.started.value_or(run.created),
                                       run.ended.value_or(run.created), run.idle_time);
  std::int64_t ended = 0;
  for (std::int64_t n = 0; n < runs.count; ++n) {
    if (runs.EndOf(n) >= from && runs.EndOf(n) < to) ++ended;
  }
  return ended;
}

// Adds the runs of one lane that ended within the report's time. A run belongs to the report in
// whose time it ended, because only its end says what it did.
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
      if (run.idle_runs > 1) {
        news->runs += IdleRunsEndedIn(run, news->from, news->to);
        continue;
      }
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
                                const DailyReportDue& report, const std::string& time_zone,
                                Route route, absl::Duration settle_delay, absl::Time now) {
  DailyNews news;
  news.exporter = exporter.id;
  news.day = report.day;
  news.from = report.from;
  news.to = report.to;
  news.written = now;
  news.time_zone = time_zone;
  news.route = std::move(route);
  ASSIGN_OR_RETURN(const AuditHead head, tx.GetAuditHead());
  news.audit_anchor = AuditAnchor(head);
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
  DailyNews late;
  late.exporter = exporter.id;
  late.from = report.from;
  late.to = report.to;
  RETURN_IF_ERROR(AddRuns(tx, {RunKind::kCompleteness}, &late));
  news.late_logs = late.logs.settled();
  if (const absl::StatusOr<LoadedConfig> config = LoadConfig(tx, exporter.id); config.ok()) {
    ASSIGN_OR_RETURN(CompletenessState completeness, CompletenessOf(tx, *config, checkpoint, now));
    news.confirmed_until = completeness.confirmed_until;
    news.not_confirmed_reason = std::move(completeness.not_confirmed_reason);
  }
  return news;
}

bool WantsSuccess(const NotificationSettings& told, NotificationChannel channel) {
  if (channel == NotificationChannel::kSlack) {
    return !told.slack.webhook.empty() && told.slack.send_success;
  }
  return !told.webhook.url.empty() && told.webhook.send_success;
}

}  // namespace

bool HasNewDeadLetters(const RunRecord& run) {
  return run.ledger.logs.dead_lettered > 0 && run.parameters.kind != RunKind::kDryRun &&
         run.parameters.kind != RunKind::kRedrive;
}

RunAnnouncement DecideRunAnnouncement(const RunRecord& run, const ExporterRecord& before,
                                      const NotificationSettings& told, absl::Time now) {
  if (!told.any()) return RunAnnouncement::kNone;
  const bool exporting = run.parameters.kind == RunKind::kExport;
  if (run.parameters.kind == RunKind::kDryRun) return RunAnnouncement::kNone;
  const bool new_dead_letters = HasNewDeadLetters(run);
  if (run.state == RunState::kFailed) {
    // A window or redrive run was asked for by somebody, so each of its failures is told.
    if (!exporting || !before.failure_announced.has_value()) return RunAnnouncement::kFailed;
    // A time in the future was noted before the clock was set back.
    const absl::Duration since = now - *before.failure_announced;
    if (since >= told.slack.reminder_interval || since < absl::ZeroDuration()) {
      return RunAnnouncement::kReminder;
    }
    // Each cause is told once between two reminders, also if two causes alternate.
    if (!absl::c_linear_search(before.failure_reasons_announced, ReasonOf(run))) {
      return RunAnnouncement::kFailed;
    }
    return new_dead_letters ? RunAnnouncement::kReminder : RunAnnouncement::kNone;
  }
  if (run.state != RunState::kSucceeded) {
    return new_dead_letters ? RunAnnouncement::kSucceeded : RunAnnouncement::kNone;
  }
  if (exporting && before.failure_announced.has_value()) return RunAnnouncement::kRecovered;
  const bool wanted = WantsSuccess(told, NotificationChannel::kSlack) ||
                      WantsSuccess(told, NotificationChannel::kWebhook);
  return wanted || new_dead_letters ? RunAnnouncement::kSucceeded : RunAnnouncement::kNone;
}

SilenceDecision DecideSilence(const ExporterRecord& exporter, const Schedule& schedule,
                              const SlackSettings& slack, absl::Time now) {
  SilenceDecision decision;
  // A moment in the future was noted by a clock that was wrong. It counts as never.
  absl::Time since = std::min(exporter.created, now);
  for (const auto& moment : {exporter.last_success, exporter.last_caught_up, exporter.resumed}) {
    if (moment.has_value() && *moment <= now) since = std::max(since, *moment);
  }
  decision.silent_for = now - since;
  if (slack.silence_periods <= 0 || exporter.pause.has_value()) return decision;
  absl::Time fire = since;
  // One more period is allowed, because a run takes its time.
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
  // Silence counts from the last resume, because whoever paused the exporter wanted it silent. An
  // alarm that was told before the pause stands until a run succeeds.
  ExporterRecord counted = exporter;
  if (exporter.silence_announced.has_value()) counted.resumed.reset();
  SilenceDecision silence = DecideSilence(counted, schedule, slack, now);
  if (silence.silent && !exporter.silence_announced.has_value()) {
    // Who settles logs is not silent: the first run of a long backlog, or runs that all end by an
    // error after a while.
    ASSIGN_OR_RETURN(counted.last_success, LastProgress(tx, exporter, now));
    silence.silent = DecideSilence(counted, schedule, slack, now).silent;
  }
  return silence;
}

std::optional<DailyReportDue> DueDailyReport(const ExporterRecord& exporter,
                                             const NotificationSettings& told, absl::Time now) {
  const SlackSettings& slack = told.slack;
  if (!told.any() || !slack.daily_report_hour.has_value()) return std::nullopt;
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
  // A report of a day that has not begun anywhere was noted by a clock that was wrong.
  const std::string tomorrow = absl::FormatCivilTime(absl::ToCivilDay(now, *zone) + 1);
  const bool written =
      exporter.last_daily_report >= report.day && exporter.last_daily_report <= tomorrow;
  // An exporter that was created after the hour has its first report at the next one.
  if ((exporter.created >= report.to && exporter.created <= now) || written) return std::nullopt;
  return report;
}

absl::Status Announcer::Tell(Transaction& tx, absl::string_view exporter, absl::string_view kind,
                             const NotificationSettings& told, absl::Time now, Wants wants,
                             Payload payload) const {
  for (const NotificationChannel channel :
       {NotificationChannel::kSlack, NotificationChannel::kWebhook}) {
    if (ReceiverOf(told, channel).url.empty() || !wants(channel)) continue;
    OutboxMessage message;
    message.exporter = std::string(exporter);
    message.channel = channel;
    message.kind = std::string(kind);
    message.payload = payload(notifiers_.Of(channel));
    message.created = now;
    message.next_attempt = now;
    RETURN_IF_ERROR(tx.AddOutbox(message));
  }
  return absl::OkStatus();
}

absl::Status Announcer::Tell(Transaction& tx, absl::string_view exporter, absl::string_view kind,
                             const NotificationSettings& told, absl::Time now,
                             Payload payload) const {
  return Tell(
      tx, exporter, kind, told, now, [](NotificationChannel) { return true; }, payload);
}

absl::Status Announcer::RunEnded(Transaction& tx, const RunRecord& run,
                                 const NotificationSettings& told, absl::Time now,
                                 ExporterRecord* exporter) const {
  const RunAnnouncement what = DecideRunAnnouncement(run, *exporter, told, now);
  const bool exporting = run.parameters.kind == RunKind::kExport;
  if (what != RunAnnouncement::kNone) {
    RunNews news{run, *exporter, 0, std::nullopt, RouteOf(told)};
    ASSIGN_OR_RETURN(news.dead_letters, DeadLettersOf(tx, run.exporter));
    ASSIGN_OR_RETURN(const Checkpoint checkpoint, tx.GetCheckpoint(run.exporter));
    news.lag = LagOf(*exporter, checkpoint, absl::ZeroDuration(), now);
    switch (what) {
      case RunAnnouncement::kFailed:
      case RunAnnouncement::kReminder: {
        const bool reminder = what == RunAnnouncement::kReminder;
        RETURN_IF_ERROR(Tell(tx, run.exporter, "run_failed", told, now,
                             [&](const Notifier& to) { return to.RunFailed(news, reminder); }));
        if (exporting) {
          const bool first = reminder || !exporter->failure_announced.has_value();
          if (first) exporter->failure_reasons_announced.clear();
          if (first) exporter->failure_announced = now;
          exporter->failure_reasons_announced.emplace_back(ReasonOf(run));
        }
        break;
      }
      case RunAnnouncement::kRecovered:
        RETURN_IF_ERROR(Tell(tx, run.exporter, "recovered", told, now,
                             [&](const Notifier& to) { return to.Recovered(news); }));
        break;
      case RunAnnouncement::kSucceeded:
        RETURN_IF_ERROR(Tell(
            tx, run.exporter, "run_succeeded", told, now,
            [&](NotificationChannel channel) {
              return HasNewDeadLetters(run) || WantsSuccess(told, channel);
            },
            [&](const Notifier& to) { return to.RunSucceeded(news); }));
        break;
      case RunAnnouncement::kNone:
        break;
    }
  }
  if (exporting && run.state == RunState::kSucceeded) {
    exporter->failure_announced.reset();
    exporter->failure_reasons_announced.clear();
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> Announcer::PeriodicIsDue(Transaction& tx, const ExporterRecord& exporter,
                                              const Schedule& schedule,
                                              const NotificationSettings& told,
                                              absl::Time now) const {
  if (!told.any()) return false;
  if (DueDailyReport(exporter, told, now).has_value()) return true;
  if (exporter.pause.has_value()) return false;
  ASSIGN_OR_RETURN(const SilenceDecision silence,
                   SilenceOf(tx, exporter, schedule, told.slack, now));
  return silence.silent != exporter.silence_announced.has_value();
}

absl::StatusOr<bool> Announcer::Periodic(Transaction& tx, ExporterRecord exporter,
                                         const Schedule& schedule, const NotificationSettings& told,
                                         absl::Duration settle_delay, absl::Time now) const {
  if (!told.any()) return false;
  bool added = false;
  ASSIGN_OR_RETURN(const SilenceDecision silence,
                   SilenceOf(tx, exporter, schedule, told.slack, now));
  if (!exporter.pause.has_value() && silence.silent != exporter.silence_announced.has_value()) {
    SilenceNews news;
    news.exporter = exporter.id;
    news.last_success = exporter.last_success;
    news.silent_for = silence.silent_for;
    news.periods = silence.periods;
    news.consecutive_failures = exporter.consecutive_failures;
    news.route = RouteOf(told);
    ASSIGN_OR_RETURN(news.dead_letters, DeadLettersOf(tx, exporter.id));
    ASSIGN_OR_RETURN(const Checkpoint checkpoint, tx.GetCheckpoint(exporter.id));
    news.checkpoint = checkpoint.position;
    if (!exporter.last_run_id.empty()) {
      const absl::StatusOr<RunRecord> last = tx.GetRun(exporter.id, exporter.last_run_id);
      if (last.ok()) news.last_error = last->error;
    }
    RETURN_IF_ERROR(Tell(tx, exporter.id, silence.silent ? "silence" : "silence_over", told, now,
                         [&](const Notifier& to) {
                           return silence.silent ? to.Silence(news) : to.SilenceOver(news);
                         }));
    exporter.silence_announced =
        silence.silent ? std::optional<absl::Time>(now) : std::optional<absl::Time>();
    added = true;
  }
  if (std::optional<DailyReportDue> report = DueDailyReport(exporter, told, now)) {
    ASSIGN_OR_RETURN(const DailyNews news, SumUp(tx, exporter, *report, told.slack.time_zone,
                                                 RouteOf(told), settle_delay, now));
    RETURN_IF_ERROR(Tell(tx, exporter.id, kDailyReportMessage, told, now,
                         [&](const Notifier& to) { return to.DailyReport(news); }));
    exporter.last_daily_report = std::move(report->day);
    added = true;
  }
  if (added) RETURN_IF_ERROR(tx.UpdateExporter(exporter));
  return added;
}

}  // namespace logexport
