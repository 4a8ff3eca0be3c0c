#include "service/slack/status_messages.h"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"

#include "service/base/shell_word.h"
#include "service/base/utf8.h"
#include "service/slack/message.h"
#include "service/slack/wording.h"

namespace logexport {
namespace {

using Tone = MessageBuilder::Tone;

constexpr std::size_t kMaxListedFailures = 5;
constexpr std::size_t kListedErrorBytes = 160;
// A daily report that comes later than this after its hour says so.
constexpr absl::Duration kOnTime = absl::Minutes(10);

absl::TimeZone ZoneOrUtc(const std::string& name) {
  absl::TimeZone zone;
  return absl::LoadTimeZone(name, &zone) ? zone : absl::UTCTimeZone();
}

std::string FailureLine(const RunRecord& run, const absl::TimeZone& zone) {
  std::string line = absl::StrCat("• ", run.ended ? MomentText(*run.ended, zone) : "not ended",
                                  ": ", FailureReason(run));
  if (run.error && !run.error->message.empty()) {
    const absl::string_view message = TruncateUtf8(run.error->message, kListedErrorBytes);
    absl::StrAppend(&line, " – ", message, message.size() < run.error->message.size() ? "…" : "");
  }
  return line;
}

std::string GetStatusCommand(absl::string_view exporter) {
  return absl::StrCat("logexportctl get-status --exporter ", ShellWord(exporter));
}

}  // namespace

std::string SilencePayload(const SilenceNews& news) {
  MessageBuilder message(Tone::kBad,
                         absl::StrCat("No success for ", Counted(news.periods, "period"),
                                      " of the schedule: ", news.exporter));
  message.Paragraph(absl::StrCat("No run has succeeded for ", SpanText(news.silent_for),
                                 ". Logs wait in Auth0, which keeps them for a limited time."));
  AddRoute(news.route, &message);
  message.Fact("Last success", MomentOrNever(news.last_success));
  message.Fact("Failures in a row", CountText(news.consecutive_failures));
  if (news.last_error) {
    message.Fact("Last error",
                 absl::StrCat(news.last_error->origin, " / ", news.last_error->reason));
  }
  message.Fact("Checkpoint", PositionText(news.checkpoint));
  message.Fact("Dead letters kept", CountText(news.dead_letters));
  if (news.last_error) {
    message.Paragraph(absl::StrCat(
        news.last_error->message,
        news.last_error->action.empty() ? "" : "\nWhat to do: ", news.last_error->action));
  }
  message.Command("To see what it is doing:", GetStatusCommand(news.exporter));
  return message.Build();
}

std::string SilenceOverPayload(const SilenceNews& news) {
  MessageBuilder message(Tone::kGood, absl::StrCat("Success again after silence: ", news.exporter));
  message.Paragraph(
      absl::StrCat("A run has succeeded again, after ", SpanText(news.silent_for), "."));
  AddRoute(news.route, &message);
  message.Fact("Last success", MomentOrNever(news.last_success));
  message.Fact("Checkpoint", PositionText(news.checkpoint));
  message.Fact("Dead letters kept", CountText(news.dead_letters));
  return message.Build();
}

std::string DailyReportPayload(const DailyNews& news) {
  const absl::TimeZone zone = ZoneOrUtc(news.time_zone);
  Tone tone = Tone::kGood;
  if (news.logs.dead_lettered > 0 || !news.warnings.empty() || news.runs == 0) {
    tone = Tone::kWarning;
  }
  if (news.failed_runs > 0) tone = Tone::kBad;
  MessageBuilder message(
      tone, absl::StrCat("Daily report of ", news.day, ": ", news.exporter, " – ",
                         Counted(news.runs, "run"), ", ", CountText(news.failed_runs), " failed"));
  if (const absl::Duration late = news.written - news.to; late > kOnTime) {
    message.Paragraph(absl::StrCat(
        "This report was due at ", MomentText(news.to, zone), " and comes ", SpanText(late),
        " late. Runs are summed up to that hour; lag, checkpoint and dead letters kept are of ",
        MomentText(news.written, zone), "."));
  }
  if (news.runs == 0) {
    message.Paragraph("No run took place. Is the exporter paused, or the service down at times?");
  }
  AddRoute(news.route, &message);
  message.Fact("Logs processed", CountText(news.logs.fetched));
  message.Fact("Accepted by Segment", CountText(news.logs.accepted));
  message.Fact("Filtered out", CountText(news.logs.filtered));
  message.Fact("Dead letters", absl::StrCat(CountText(news.logs.dead_lettered), " new, ",
                                            CountText(news.dead_letters), " kept"));
  message.Fact("Errors", TallyText(news.errors));
  message.Fact("Warnings", TallyText(news.warnings));
  if (news.confirmed_until.has_value()) {
    message.Fact("Complete until", absl::StrCat(MomentText(*news.confirmed_until, zone), ", ",
                                                Counted(news.late_logs, "log"), " came late"));
  } else if (!news.not_confirmed_reason.empty()) {
    message.Fact("Complete until", absl::StrCat("not confirmed: ", news.not_confirmed_reason));
  }
  message.Fact("Lag", news.lag ? LagText(*news.lag) : "unknown");
  message.Fact("Checkpoint", PositionText(news.checkpoint));
  if (!news.audit_anchor.empty()) message.Fact("Audit anchor", news.audit_anchor);
  if (!news.last_failures.empty()) {
    std::vector<std::string> lines;
    const std::size_t count = std::min(news.last_failures.size(), kMaxListedFailures);
    for (std::size_t i = 0; i < count; ++i) {
      lines.push_back(FailureLine(news.last_failures[i], zone));
    }
    message.Paragraph(absl::StrCat("Last failures:\n", absl::StrJoin(lines, "\n")));
    message.Command("To see all of them:",
                    absl::StrCat("logexportctl get-reports --exporter ", ShellWord(news.exporter),
                                 " --states failed"));
  }
  message.Footer(
      absl::StrCat("From ", MomentText(news.from, zone), " to ", MomentText(news.to, zone)));
  return message.Build();
}

std::string TestPayload(absl::string_view exporter, const Route& route, const Audit& audit) {
  MessageBuilder message(Tone::kNeutral, absl::StrCat("Test message: ", exporter));
  message.Paragraph("The webhook works. Failed runs and alarms of this exporter arrive here.");
  AddRoute(route, &message);
  if (!audit.reason.empty()) message.Fact("Reason", audit.reason);
  return message.Build();
}

}  // namespace logexport
