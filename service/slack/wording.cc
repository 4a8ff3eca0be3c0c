#include "service/slack/wording.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "service/base/shell_word.h"
#include "service/base/time_text.h"

namespace logexport {
namespace {

constexpr std::size_t kMaxListed = 5;

std::string Times(absl::string_view name, std::int64_t count) {
  return count == 1 ? std::string(name) : absl::StrCat(name, " ×", CountText(count));
}

// From the target of a SetCheckpoint that goes on where `position` is; empty where that is no place
// yet: nothing has been exported, and a plain run starts there.
std::string CheckpointFlags(const Position& position) {
  switch (position.kind) {
    case Position::Kind::kAfter:
      return position.id.empty() ? "--earliest" : absl::StrCat("--log-id ", ShellWord(position.id));
    case Position::Kind::kAt:
      return absl::StrCat("--log-id ", ShellWord(position.id), " --inclusive");
    case Position::Kind::kEarliest:
    case Position::Kind::kLatest:
    case Position::Kind::kTime:
      return "";
  }
  return "";
}

}  // namespace

std::string MomentText(absl::Time time, const absl::TimeZone& zone) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%S %Z", time, zone);
}

std::string SpanText(absl::Duration span) {
  struct Unit {
    absl::Duration length;
    absl::string_view name;
  };
  static constexpr std::array<Unit, 4> kUnits = {{{absl::Hours(24), "d"},
                                                  {absl::Hours(1), "h"},
                                                  {absl::Minutes(1), "m"},
                                                  {absl::Seconds(1), "s"}}};
  if (span == absl::InfiniteDuration()) return "for ever";
  for (std::size_t i = 0; i < kUnits.size(); ++i) {
    if (span < kUnits[i].length) continue;
    std::string text = absl::StrCat(span / kUnits[i].length, kUnits[i].name);
    if (i + 1 < kUnits.size()) {
      const std::int64_t rest = (span % kUnits[i].length) / kUnits[i + 1].length;
      if (rest > 0) absl::StrAppend(&text, " ", rest, kUnits[i + 1].name);
    }
    return text;
  }
  return "under 1s";
}

std::string MomentOrNever(std::optional<absl::Time> time) {
  return time ? MomentText(*time) : "never";
}

std::string LagText(absl::Duration lag) { return absl::StrCat("at most ", SpanText(lag)); }

std::string PositionText(const Position& position) {
  switch (position.kind) {
    case Position::Kind::kAfter:
      return position.id.empty() ? "before the first log" : absl::StrCat("after ", position.id);
    case Position::Kind::kAt:
      return absl::StrCat("at ", position.id);
    case Position::Kind::kEarliest:
      return "the earliest log, not looked up yet";
    case Position::Kind::kLatest:
      return "the latest log, not looked up yet";
    case Position::Kind::kTime:
      return absl::StrCat("logs since ", MomentText(position.time), ", not looked up yet");
  }
  return "";
}

absl::string_view StopReasonText(StopReason reason) {
  switch (reason) {
    case StopReason::kNone:
      return "not ended";
    case StopReason::kCaughtUp:
      return "caught up";
    case StopReason::kMaxLogs:
      return "reached its limit of logs";
    case StopReason::kTimeBudget:
      return "reached its time limit";
    case StopReason::kRateLimited:
      return "stopped by a rate limit";
    case StopReason::kCancelled:
      return "cancelled";
    case StopReason::kShutdown:
      return "stopped with the service";
    case StopReason::kError:
      return "ended by an error";
    case StopReason::kLeaseLost:
      return "another process took over the exporter";
    case StopReason::kCheckpointMoved:
      return "the checkpoint was moved during the run";
    case StopReason::kInterrupted:
      return "the process ended during the run";
  }
  return "";
}

absl::string_view TriggerText(Trigger trigger) {
  switch (trigger) {
    case Trigger::kSchedule:
      return "the schedule";
    case Trigger::kManual:
      return "a manual start";
    case Trigger::kReplay:
      return "a replay";
    case Trigger::kStartup:
      return "the start of the service";
  }
  return "";
}

std::string FailureReason(const RunRecord& run) {
  if (run.error && !run.error->reason.empty()) return run.error->reason;
  return std::string(StopReasonText(run.stop_reason));
}

std::string LedgerText(const Ledger& ledger) {
  return absl::StrCat("fetched ", CountText(ledger.logs.fetched), " = ",
                      CountText(ledger.logs.accepted), " accepted + ",
                      CountText(ledger.logs.filtered), " filtered + ",
                      Counted(ledger.logs.dead_lettered, "dead letter"), " + ",
                      CountText(ledger.unsettled), " unsettled");
}

std::string WarningsText(const std::vector<RunWarning>& warnings) {
  std::vector<std::string> texts;
  for (const RunWarning& warning : warnings) {
    if (texts.size() == kMaxListed) {
      texts.push_back(absl::StrCat("and ", warnings.size() - kMaxListed, " more"));
      break;
    }
    texts.push_back(Times(warning.code, warning.count));
  }
  return absl::StrJoin(texts, ", ");
}

std::string TallyText(const std::map<std::string, std::int64_t>& tally) {
  std::vector<std::pair<std::string, std::int64_t>> sorted(tally.begin(), tally.end());
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  std::int64_t total = 0;
  std::vector<std::string> texts;
  for (const auto& [name, count] : sorted) {
    total += count;
    if (texts.size() < kMaxListed) texts.push_back(Times(name, count));
  }
  if (total == 0) return "none";
  if (sorted.size() > kMaxListed) {
    texts.push_back(absl::StrCat("and ", sorted.size() - kMaxListed, " more"));
  }
  return absl::StrCat(CountText(total), ": ", absl::StrJoin(texts, ", "));
}

void AddRoute(const Route& route, MessageBuilder* message) {
  if (!route.tenant.empty()) message->Fact("Tenant", route.tenant);
  if (!route.destination.empty()) message->Fact("Segment endpoint", route.destination);
  if (!route.member.empty()) message->Fact("Service", route.member);
}

std::string ReplayCommand(const RunRecord& run) {
  const std::string exporter = absl::StrCat(" --exporter ", ShellWord(run.exporter));
  switch (run.parameters.kind) {
    case RunKind::kRedrive:
      return absl::StrCat("logexportctl redrive-dead-letters", exporter);
    case RunKind::kWindow:
      if (run.parameters.window) {
        return absl::StrCat("logexportctl run-now", exporter, " --window.start ",
                            FormatTimestamp(run.parameters.window->start), " --window.end ",
                            FormatTimestamp(run.parameters.window->end));
      }
      break;
    case RunKind::kExport:
    case RunKind::kDryRun:
    case RunKind::kCompleteness:
      break;
  }
  const std::string flags = CheckpointFlags(run.checkpoint_after);
  if (flags.empty()) return absl::StrCat("logexportctl run-now", exporter);
  return absl::StrCat("logexportctl set-checkpoint", exporter, " ", flags, " --run-now");
}

}  // namespace logexport
