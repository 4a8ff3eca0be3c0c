#include "service/control/verdict.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

#include "service/base/count_text.h"
#include "service/base/shell_word.h"
#include "service/control/report_message.h"

namespace logexport {
namespace {

// A failure that may pass by itself is no reason for alarm until it has happened this often.
constexpr int kFailuresThatMatter = 3;

v1::Verdict Make(v1::Health health, std::string summary, std::string action = "") {
  v1::Verdict verdict;
  verdict.set_health(health);
  verdict.set_summary(std::move(summary));
  verdict.set_action(std::move(action));
  return verdict;
}

std::string CommandFor(const v1::GetStatusResponse& status, absl::string_view command) {
  return absl::StrCat("logexportctl ", command,
                      status.exporter() == "default"
                          ? ""
                          : absl::StrCat(" --exporter ", ShellWord(status.exporter())));
}

// "3m ago", "2h ago": the largest unit is enough to judge by.
std::string Ago(absl::Time time, absl::Time now) {
  const absl::Duration age = std::max(now - time, absl::ZeroDuration());
  const std::pair<absl::Duration, absl::string_view> units[] = {
      {absl::Hours(24), "d"}, {absl::Hours(1), "h"}, {absl::Minutes(1), "m"}};
  for (const auto& [unit, name] : units) {
    if (age >= 2 * unit) return absl::StrCat(age / unit, name, " ago");
  }
  return absl::StrCat(absl::ToInt64Seconds(age), "s ago");
}

// Without the full stop: more may follow in the same sentence.
std::string Clause(absl::string_view text) { return std::string(absl::StripSuffix(text, ".")); }

const v1::RunWarning* FindWarning(const v1::GetStatusResponse& status, absl::string_view code) {
  for (const v1::RunWarning& warning : status.warnings()) {
    if (warning.code() == code) return &warning;
  }
  return nullptr;
}

// What is worth knowing but needs nobody's attention.
bool IsForInformation(absl::string_view code) {
  for (const absl::string_view known :
       {"UNKNOWN_LOG_TYPE", "TRUNCATED", "RATE_LIMITED", "SEGMENT_MAY_DROP_REPEATS",
        "REPLAY_BEYOND_DEDUPE", "INVALID_UTF8", "SECRET_NOT_READABLE_HERE"}) {
    if (code == known) return true;
  }
  return false;
}

std::string ActionFor(const v1::GetStatusResponse& status, absl::string_view code) {
  if (code == "REGION_ASSUMED") {
    return CommandFor(status, "update-config --segment.endpoint US") + " (or EU)";
  }
  if (code == "SLACK_FAILED" || code == "WEBHOOK_FAILED")
    return CommandFor(status, "test-notification");
  if (code == "SCHEDULE_OVERRUN") return CommandFor(status, "get-reports");
  if (code == "CLOCK_SKEW") return "set the clock of the service's host";
  return "";
}

v1::Verdict OfFailures(const v1::GetStatusResponse& status) {
  const v1::RunError& error = status.last_run().error();
  const int failures = status.consecutive_failures();
  const std::string what =
      failures == 1 ? "the last run failed" : absl::StrCat("the last ", failures, " runs failed");
  const std::string why = error.message().empty() ? error.reason() : Clause(error.message());
  const bool may_pass = error.retryable() && failures < kFailuresThatMatter;
  std::string action = error.action();
  if (action.empty() && may_pass) action = "wait: the next run tries again";
  if (action.empty()) action = CommandFor(status, "get-report");
  return Make(may_pass ? v1::HEALTH_ATTENTION : v1::HEALTH_FAILING,
              why.empty() ? what : absl::StrCat(what, ": ", why), std::move(action));
}

v1::Verdict OfPause(const v1::GetStatusResponse& status, absl::Time now) {
  const v1::Pause& pause = status.pause();
  return Make(v1::HEALTH_ATTENTION,
              absl::StrCat("paused by ", pause.paused_by().name(), " ",
                           Ago(FromProto(pause.pause_time()), now),
                           pause.reason().empty() ? "" : absl::StrCat(": ", pause.reason())),
              CommandFor(status, "resume-exporter"));
}

v1::Verdict OfAWorkingExporter(const v1::GetStatusResponse& status, absl::Time now) {
  if (status.has_active_run()) {
    for (const v1::RunWait& wait : status.active_run().waits()) {
      if (!wait.for_place()) continue;
      return Make(v1::HEALTH_WELL,
                  absl::StrCat("a run waits for its turn since ",
                               absl::StripSuffix(Ago(FromProto(wait.since()), now), " ago"),
                               ", as many as --max-concurrent-runs are at work"));
    }
    return Make(v1::HEALTH_WELL,
                absl::StrCat("a run is at work and has exported ",
                             Counted(status.active_run().ledger().accepted(), "log"), " so far"));
  }
  if (!status.has_last_run()) {
    if (status.next_run_times().empty()) {
      return Make(v1::HEALTH_ATTENTION, "no run has been made and none is scheduled",
                  CommandFor(status, "run-now"));
    }
    return Make(v1::HEALTH_WELL, "no run has been made yet; the first one is scheduled");
  }
  if (!status.has_last_success()) {
    return Make(v1::HEALTH_ATTENTION, "no run has succeeded yet", CommandFor(status, "get-report"));
  }
  const v1::Report& success = status.last_success();
  return Make(
      v1::HEALTH_WELL,
      absl::StrCat(
          "the last successful run ended ", Ago(FromProto(success.end_time()), now),
          success.stop_reason() == v1::STOP_REASON_CAUGHT_UP ? " with nothing left to read" : ""));
}

}  // namespace

v1::Verdict VerdictOf(const v1::GetStatusResponse& status, absl::Time now) {
  // First what loses logs or keeps them from going out, then what only needs a look.
  if (const v1::RunWarning* risk = FindWarning(status, "RETENTION_RISK")) {
    return Make(v1::HEALTH_FAILING, Clause(risk->message()),
                status.has_active_run() ? "wait for the active run, or raise run.max_duration"
                                        : CommandFor(status, "run-now --wait"));
  }
  if (status.consecutive_failures() > 0) {
    v1::Verdict failed = OfFailures(status);
    if (failed.health() == v1::HEALTH_FAILING) return failed;
  }
  if (const v1::RunWarning* silence = FindWarning(status, "SILENCE")) {
    return Make(v1::HEALTH_FAILING, Clause(silence->message()), CommandFor(status, "get-reports"));
  }
  if (status.consecutive_failures() > 0) return OfFailures(status);
  if (status.has_pause()) return OfPause(status, now);
  for (const v1::RunWarning& warning : status.last_run().warnings()) {
    if (warning.code() == "RETENTION_GAP") {
      return Make(v1::HEALTH_ATTENTION, Clause(warning.message()),
                  CommandFor(status, "get-report"));
    }
  }
  if (status.dead_letters() > 0) {
    return Make(v1::HEALTH_ATTENTION,
                absl::StrCat(Counted(status.dead_letters(), "dead letter"),
                             status.dead_letters() == 1 ? " is" : " are",
                             " kept: logs that could not be exported"),
                CommandFor(status, "list-dead-letters"));
  }
  for (const v1::RunWarning& warning : status.warnings()) {
    if (IsForInformation(warning.code())) continue;
    return Make(v1::HEALTH_ATTENTION, Clause(warning.message()), ActionFor(status, warning.code()));
  }
  return OfAWorkingExporter(status, now);
}

}  // namespace logexport
