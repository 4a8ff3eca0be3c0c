#include "service/control/verdict.h"

#include <functional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/control/report_message.h"

namespace logexport {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

const absl::Time kNow = absl::FromUnixSeconds(1'795'435'200);

// An exporter that ended a run three minutes ago and has nothing to complain of.
v1::GetStatusResponse Working() {
  v1::GetStatusResponse status;
  status.set_exporter("default");
  status.set_state(v1::EXPORTER_STATE_IDLE);
  *status.add_next_run_times() = ToProto(kNow + absl::Minutes(2));
  for (v1::Report* report : {status.mutable_last_run(), status.mutable_last_success()}) {
    report->set_state(v1::RUN_STATE_SUCCEEDED);
    report->set_stop_reason(v1::STOP_REASON_CAUGHT_UP);
    *report->mutable_end_time() = ToProto(kNow - absl::Minutes(3));
  }
  return status;
}

void Fail(v1::GetStatusResponse& status, int times, bool retryable) {
  status.set_state(v1::EXPORTER_STATE_FAILING);
  status.set_consecutive_failures(times);
  status.mutable_last_run()->set_state(v1::RUN_STATE_FAILED);
  v1::RunError* error = status.mutable_last_run()->mutable_error();
  error->set_reason("AUTH0_CREDENTIALS_REJECTED");
  error->set_message("Auth0 refused the client secret.");
  error->set_action("Set auth0.client_secret.");
  error->set_retryable(retryable);
}

void Warn(v1::GetStatusResponse& status, const std::string& code) {
  v1::RunWarning* warning = status.add_warnings();
  warning->set_code(code);
  warning->set_message(code + " was seen.");
}

struct Case {
  std::string name;
  std::function<void(v1::GetStatusResponse&)> change;
  v1::Health health;
  std::string summary;
  std::string action;  // empty: none
};

TEST(VerdictTest, NamesTheMostUrgentThing) {
  const std::vector<Case> cases = {
      {"working", [](auto&) {}, v1::HEALTH_WELL,
       "the last successful run ended 3m ago with nothing left to read", ""},
      {"at work", [](auto& s) { s.mutable_active_run()->mutable_ledger()->set_accepted(1234); },
       v1::HEALTH_WELL, "exported 1,234 logs so far", ""},
      {"new",
       [](auto& s) {
         s.clear_last_run();
         s.clear_last_success();
       },
       v1::HEALTH_WELL, "no run has been made yet", ""},
      {"new and not scheduled",
       [](auto& s) {
         s.clear_last_run();
         s.clear_next_run_times();
       },
       v1::HEALTH_ATTENTION, "none is scheduled", "logexportctl run-now"},
      {"failed once, may pass", [](auto& s) { Fail(s, 1, true); }, v1::HEALTH_ATTENTION,
       "the last run failed: Auth0 refused the client secret", "Set auth0.client_secret."},
      {"failed once, stays", [](auto& s) { Fail(s, 1, false); }, v1::HEALTH_FAILING,
       "the last run failed: Auth0 refused the client secret", "Set auth0.client_secret."},
      {"failed often", [](auto& s) { Fail(s, 3, true); }, v1::HEALTH_FAILING,
       "the last 3 runs failed", "Set auth0.client_secret."},
      {"silent", [](auto& s) { Warn(s, "SILENCE"); }, v1::HEALTH_FAILING, "SILENCE was seen",
       "logexportctl get-reports"},
      {"silent and failing",
       [](auto& s) {
         Warn(s, "SILENCE");
         Fail(s, 5, false);
       },
       v1::HEALTH_FAILING, "the last 5 runs failed", "Set auth0.client_secret."},
      {"silent after one failure that may pass",
       [](auto& s) {
         Warn(s, "SILENCE");
         Fail(s, 1, true);
       },
       v1::HEALTH_FAILING, "SILENCE was seen", "logexportctl get-reports"},
      {"about to lose logs",
       [](auto& s) {
         Fail(s, 5, false);
         Warn(s, "RETENTION_RISK");
       },
       v1::HEALTH_FAILING, "RETENTION_RISK was seen", "logexportctl run-now --wait"},
      {"paused",
       [](auto& s) {
         s.mutable_pause()->mutable_paused_by()->set_name("alice");
         s.mutable_pause()->set_reason("maintenance");
         *s.mutable_pause()->mutable_pause_time() = ToProto(kNow - absl::Hours(2));
         s.clear_next_run_times();
       },
       v1::HEALTH_ATTENTION, "paused by alice 2h ago: maintenance", "logexportctl resume-exporter"},
      {"dead letters",
       [](auto& s) {
         s.set_dead_letters(2);
         Warn(s, "DEAD_LETTERS");
       },
       v1::HEALTH_ATTENTION, "2 dead letters are kept", "logexportctl list-dead-letters"},
      {"another exporter",
       [](auto& s) {
         s.set_exporter("two");
         s.set_dead_letters(1);
       },
       v1::HEALTH_ATTENTION, "1 dead letter is kept",
       "logexportctl list-dead-letters --exporter two"},
      {"a gap",
       [](auto& s) {
         v1::RunWarning* gap = s.mutable_last_run()->add_warnings();
         gap->set_code("RETENTION_GAP");
         gap->set_message("logs may be missing.");
       },
       v1::HEALTH_ATTENTION, "logs may be missing", "logexportctl get-report"},
      {"region", [](auto& s) { Warn(s, "REGION_ASSUMED"); }, v1::HEALTH_ATTENTION,
       "REGION_ASSUMED was seen", "logexportctl update-config --segment.endpoint US (or EU)"},
      {"a warning of a newer kind", [](auto& s) { Warn(s, "SOMETHING_NEW"); }, v1::HEALTH_ATTENTION,
       "SOMETHING_NEW was seen", ""},
      {"for information only", [](auto& s) { Warn(s, "UNKNOWN_LOG_TYPE"); }, v1::HEALTH_WELL,
       "the last successful run", ""},
  };
  for (const Case& test : cases) {
    SCOPED_TRACE(test.name);
    v1::GetStatusResponse status = Working();
    test.change(status);
    const v1::Verdict verdict = VerdictOf(status, kNow);
    EXPECT_EQ(verdict.health(), test.health) << verdict.DebugString();
    EXPECT_THAT(verdict.summary(), HasSubstr(test.summary));
    EXPECT_EQ(verdict.action(), test.action);
    EXPECT_THAT(verdict.summary(), Not(IsEmpty()));
  }
}

TEST(VerdictTest, ToldInWholeUnits) {
  for (const auto& [age, text] : std::vector<std::pair<absl::Duration, std::string>>{
           {absl::Seconds(5), "5s ago"},
           {absl::Seconds(119), "119s ago"},
           {absl::Minutes(20) + absl::Seconds(20), "20m ago"},
           {absl::Hours(10), "10h ago"},
           {absl::Hours(49), "2d ago"},
           {-absl::Seconds(3), "0s ago"}}) {
    v1::GetStatusResponse status = Working();
    *status.mutable_last_success()->mutable_end_time() = ToProto(kNow - age);
    EXPECT_THAT(VerdictOf(status, kNow).summary(), HasSubstr("ended " + text));
  }
}

}  // namespace
}  // namespace logexport
