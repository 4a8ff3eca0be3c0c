#include "service/slack/status_messages.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/slack/payload_check.h"

namespace logexport {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const absl::Time kNoon = absl::FromUnixSeconds(1'795'435'200);  // 2026-11-23T12:00:00Z

SilenceNews Silence() {
  SilenceNews news;
  news.exporter = "acme-eu";
  news.last_success = kNoon - absl::Minutes(20);
  news.silent_for = absl::Minutes(20);
  news.periods = 3;
  news.consecutive_failures = 4;
  news.dead_letters = 2;
  news.checkpoint = {Position::Kind::kAfter, "90020261123114002000001", {}};
  news.last_error = RunError{.origin = "AUTH0",
                             .reason = "AUTH0_UNAUTHORIZED",
                             .message = "Auth0 refused the client: access_denied",
                             .action = "Check auth0.client_id and auth0.client_secret."};
  return news;
}

DailyNews Day() {
  DailyNews news;
  news.exporter = "acme-eu";
  news.day = "2026-11-23";
  news.from = kNoon - absl::Hours(24);
  news.to = kNoon;
  news.written = kNoon + absl::Seconds(59);
  news.time_zone = "Europe/Berlin";
  news.runs = 288;
  news.logs = {.fetched = 120'000, .accepted = 118'500, .filtered = 1'500, .dead_lettered = 0};
  news.lag = absl::Seconds(14);
  news.checkpoint = {Position::Kind::kAfter, "90020261123115731000042", {}};
  return news;
}

TEST(StatusMessagesTest, SilenceSaysSinceWhenAndWhy) {
  ExpectGolden(SilencePayload(Silence()), "silence");
}

TEST(StatusMessagesTest, SilenceOfAnExporterThatNeverRan) {
  SilenceNews news;
  news.exporter = "acme-eu";
  news.silent_for = absl::Hours(1);
  news.periods = 1;
  ExpectGolden(SilencePayload(news), "silence_never_ran");
}

TEST(StatusMessagesTest, TheEndOfSilenceIsGoodNews) {
  SilenceNews news = Silence();
  news.last_success = kNoon;
  news.silent_for = absl::Hours(3);
  ExpectGolden(SilenceOverPayload(news), "silence_over");
}

TEST(StatusMessagesTest, ADayWithoutTroubleIsGreen) {
  ExpectGolden(DailyReportPayload(Day()), "daily_report");
}

TEST(StatusMessagesTest, ADayWithFailuresIsRedAndListsThem) {
  DailyNews news = Day();
  news.failed_runs = 7;
  news.errors = {{"AUTH0_RATE_LIMITED", 2}, {"SEGMENT_UNREACHABLE", 5}};
  news.warnings = {{"CLOCK_SKEW", 288}};
  news.logs.dead_lettered = 4;
  news.dead_letters = 15;
  for (int i = 0; i < 7; ++i) {
    RunRecord run;
    run.ended = kNoon - absl::Hours(i);
    run.stop_reason = StopReason::kError;
    run.error.emplace();
    run.error->origin = "SEGMENT";
    run.error->reason = "SEGMENT_UNREACHABLE";
    run.error->message = std::string(static_cast<std::size_t>(40 * i), 'x');
    news.last_failures.push_back(run);
  }
  ExpectGolden(DailyReportPayload(news), "daily_report_failures");
}

TEST(StatusMessagesTest, ADayWithoutRunsIsNotGreen) {
  DailyNews news = Day();
  news.runs = 0;
  news.logs = {};
  news.lag.reset();
  news.time_zone = "Europe/Atlantis";
  ExpectGolden(DailyReportPayload(news), "daily_report_no_runs");
}

TEST(StatusMessagesTest, ALateReportSaysSinceWhenItIsDue) {
  DailyNews news = Day();
  news.written = kNoon + absl::Hours(20) + absl::Minutes(5);
  ExpectGolden(DailyReportPayload(news), "daily_report_late");
}

TEST(StatusMessagesTest, ADayWithDeadLettersOrWarningsIsYellow) {
  DailyNews dead_letters = Day();
  dead_letters.logs.dead_lettered = 1;
  EXPECT_THAT(DailyReportPayload(dead_letters), HasSubstr("🟡"));
  DailyNews warnings = Day();
  warnings.warnings = {{"CLOCK_SKEW", 1}};
  EXPECT_THAT(DailyReportPayload(warnings), HasSubstr("🟡"));
}

TEST(StatusMessagesTest, ATestMessageShowsTheReasonButNotWhoAsked) {
  const std::string payload =
      TestPayload("acme-eu", {},
                  {.requester = "jane.doe@example.com", .verified = true, .reason = "new channel"});
  ExpectGolden(payload, "test");
  EXPECT_THAT(payload, Not(HasSubstr("jane")));
  CheckPayload(TestPayload("acme-eu", {}, {}));
}

TEST(StatusMessagesTest, EveryMessageSaysFromWhichTenantToWhichEndpoint) {
  const Route route = {"acme.eu.auth0.com", "events.eu1.segmentapis.com", "exporter-0"};
  SilenceNews silence = Silence();
  silence.route = route;
  DailyNews day = Day();
  day.route = route;
  for (const std::string& payload : {SilencePayload(silence), SilenceOverPayload(silence),
                                     DailyReportPayload(day), TestPayload("acme-eu", route, {})}) {
    EXPECT_THAT(payload, HasSubstr(route.tenant));
    EXPECT_THAT(payload, HasSubstr(route.destination));
    EXPECT_THAT(payload, HasSubstr(route.member));
  }
}

}  // namespace
}  // namespace logexport
