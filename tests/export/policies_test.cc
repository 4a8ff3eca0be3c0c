#include <cmath>

#include <gtest/gtest.h>

#include "service/base/random.h"
#include "service/export/backoff.h"
#include "service/export/failure.h"
#include "service/export/filter.h"
#include "service/export/log.h"
#include "service/export/retry_loop.h"
#include "service/export/run_budget.h"
#include "service/state/transaction.h"
#include "tests/support/fake_clock.h"

namespace logexport {
namespace {

class FixedRandom final : public Random {
 public:
  // NextUnit() is then just below 1/2.
  std::uint64_t Next64() override { return 0x7FFFFFFFFFFFFFFF; }
};

TEST(BackoffTest, DoublesUpToItsMaximumWithFullJitter) {
  const BackoffPolicy policy;
  struct Row {
    int attempt;
    double unit;
    absl::Duration delay;
  };
  const Row rows[] = {{0, 0.0, absl::ZeroDuration()},    {0, 0.5, absl::Milliseconds(250)},
                      {1, 0.5, absl::Milliseconds(500)}, {4, 1.0, absl::Seconds(8)},
                      {7, 1.0, absl::Seconds(60)},       {1000, 1.0, absl::Seconds(60)},
                      {-1, 1.0, absl::Milliseconds(500)}};
  for (const Row& row : rows) {
    EXPECT_EQ(BackoffDelay(policy, row.attempt, row.unit), row.delay) << row.attempt;
  }
}

TEST(BackoffTest, BelievesRetryAfterWithinBounds) {
  const BackoffPolicy policy;
  Failure failure;
  failure.kind = FailureClass::kLimited;
  const std::pair<absl::Duration, absl::Duration> rows[] = {
      {absl::Seconds(7), absl::Seconds(7)},
      {absl::ZeroDuration(), absl::Milliseconds(500)},
      {absl::Seconds(-5), absl::Milliseconds(500)},
      {absl::Hours(24 * 730), absl::Seconds(300)}};
  for (const auto& [asked, waited] : rows) {
    failure.retry_after = asked;
    EXPECT_EQ(DelayAfter(policy, failure, 3, 0.5), waited);
  }
}

// The limit of a source is waited for as long as it asks: to ask before is to be refused again.
TEST(BackoffTest, BelievesTheSourceAboutItsLimit) {
  Failure failure;
  failure.origin = Origin::kAuth0;
  failure.kind = FailureClass::kLimited;
  failure.retry_after = absl::Hours(1);
  EXPECT_EQ(DelayAfter({}, failure, 3, 0.5), absl::Hours(1));
  failure.kind = FailureClass::kTransient;
  EXPECT_EQ(DelayAfter({}, failure, 3, 0.5), absl::Seconds(300));
}

TEST(RunBudgetTest, WaitsToReadNoLongerThanLogsAreAdmitted) {
  FakeClock clock;
  const RunBudget budget(clock, absl::Hours(1), absl::Minutes(2));
  EXPECT_TRUE(budget.MayWaitToRead(absl::Minutes(59)));
  EXPECT_FALSE(budget.MayWaitToRead(absl::Hours(1)));
  // What was read is still sent.
  EXPECT_TRUE(budget.MayWait(absl::Minutes(61), /*on_limit=*/true));
}

TEST(RetryLoopTest, WaitsAsTheBackoffSaysAndStopsAtTheStall) {
  FakeClock clock(FakeClock::Mode::kAutomatic);
  FixedRandom random;
  RunBudget budget(clock, absl::Hours(1), absl::Seconds(10));
  RetryLoop retry(clock, random, budget);
  int attempts = 0;
  const absl::Status status = retry.Run({}, [&](int attempt) {
    EXPECT_EQ(attempt, attempts++);
    return MakeFailure({Origin::kSegment,
                        FailureClass::kTransient,
                        FailureReason::kSegmentUnavailable,
                        "down",
                        "",
                        "",
                        {}});
  });
  EXPECT_EQ(FailureOf(status).reason, FailureReason::kSegmentUnavailable);
  EXPECT_NE(status.message().find("tried 6 times"), absl::string_view::npos) << status;
  EXPECT_EQ(retry.retries(), 5);
  const std::vector<absl::Duration> sleeps = clock.sleeps();
  ASSERT_EQ(sleeps.size(), 5u);
  for (std::size_t i = 0; i < sleeps.size(); ++i) {
    EXPECT_NEAR(absl::ToDoubleSeconds(sleeps[i]), 0.25 * std::pow(2.0, static_cast<double>(i)),
                1e-6);
  }
}

TEST(RetryLoopTest, DoesNotRepeatWhatIsRefused) {
  FakeClock clock(FakeClock::Mode::kAutomatic);
  FixedRandom random;
  RunBudget budget(clock, absl::Hours(1), absl::Minutes(2));
  RetryLoop retry(clock, random, budget);
  int attempts = 0;
  const absl::Status status = retry.Run({}, [&](int) {
    ++attempts;
    return MakeFailure({Origin::kSegment,
                        FailureClass::kPermanent,
                        FailureReason::kSegmentUnavailable,
                        "no",
                        "",
                        "",
                        {}});
  });
  EXPECT_EQ(attempts, 1);
  EXPECT_EQ(status.message(), "no");
}

TEST(RetryLoopTest, WaitsOnLimitsDoNotCountAsAStall) {
  FakeClock clock(FakeClock::Mode::kAutomatic);
  FixedRandom random;
  RunBudget budget(clock, absl::Hours(1), absl::Minutes(2));
  RetryLoop retry(clock, random, budget);
  int attempts = 0;
  const absl::Status status = retry.Run({}, [&](int) {
    return ++attempts == 5 ? absl::OkStatus()
                           : MakeFailure({Origin::kSegment, FailureClass::kLimited,
                                          FailureReason::kSegmentUnavailable, "later", "", "",
                                          absl::Minutes(4)});
  });
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(budget.limit_wait(), absl::Minutes(16));
  EXPECT_TRUE(budget.MayWait(absl::Seconds(100), false));
}

TEST(RetryLoopTest, EndsWhenAskedToStop) {
  FakeClock clock(FakeClock::Mode::kAutomatic);
  FixedRandom random;
  RunBudget budget(clock, absl::Hours(1), absl::Minutes(2));
  RetryLoop retry(clock, random, budget);
  std::stop_source stop;
  int attempts = 0;
  const absl::Status status = retry.Run(stop.get_token(), [&](int) {
    ++attempts;
    stop.request_stop();
    return MakeFailure({Origin::kSegment,
                        FailureClass::kTransient,
                        FailureReason::kSegmentUnavailable,
                        "down",
                        "",
                        "",
                        {}});
  });
  EXPECT_EQ(attempts, 1);
  EXPECT_FALSE(status.ok());
}

TEST(FailureTest, SurvivesBeingCarriedByAStatus) {
  const Failure failure{Origin::kAuth0,
                        FailureClass::kLimited,
                        FailureReason::kAuth0RateLimited,
                        "limit\x1f reached",
                        "Wait.",
                        "",
                        absl::Seconds(3)};
  const Failure read = FailureOf(MakeFailure(failure));
  EXPECT_EQ(read.origin, failure.origin);
  EXPECT_EQ(read.kind, failure.kind);
  EXPECT_EQ(read.reason, failure.reason);
  EXPECT_EQ(read.message, failure.message);
  EXPECT_EQ(read.action, failure.action);
  EXPECT_EQ(read.retry_after, failure.retry_after);
}

TEST(FailureTest, OfAnyOtherStatusIsRefusedAndInternal) {
  EXPECT_EQ(FailureOf(absl::NotFoundError("x")).kind, FailureClass::kPermanent);
  EXPECT_EQ(FailureOf(absl::CancelledError("x")).kind, FailureClass::kStopped);
  // As the API lists it.
  EXPECT_EQ(RunErrorOf(absl::NotFoundError("x")).reason, "INTERNAL_ERROR");
}

TEST(FailureTest, OfTheStoreSaysWhetherItMayPass) {
  struct Row {
    absl::Status status;
    const char* reason;
    bool retryable;
  };
  const Row rows[] = {
      {absl::UnavailableError("database is locked"), "STORE_UNAVAILABLE", true},
      {absl::ResourceExhaustedError("the disk is full"), "STORE_UNAVAILABLE", true},
      {absl::DataLossError("the file is damaged"), "STORE_UNAVAILABLE", false},
      {absl::NotFoundError("no such exporter"), "STORE_UNAVAILABLE", false},
      {CommitRefused(CommitRefusal::kLeaseLost, "x"), "LEASE_LOST", false},
      {CommitRefused(CommitRefusal::kCheckpointMoved, "x"), "CHECKPOINT_MOVED", false}};
  for (const Row& row : rows) {
    const RunError error = RunErrorOf(StoreFailure(row.status));
    EXPECT_EQ(error.origin, "STATE") << row.status;
    EXPECT_EQ(error.reason, row.reason) << row.status;
    EXPECT_EQ(error.message, row.status.message());
    EXPECT_EQ(error.retryable, row.retryable) << row.status;
    EXPECT_FALSE(error.action.empty()) << row.status;
  }
}

TEST(LogIdTest, TellsItsTimeOnlyInTheKnownShape) {
  const std::string id = "900202611230051021234560000000000000000000000000000000000";
  const std::string good = id.substr(0, 56);
  ASSERT_TRUE(TimeOfLogId(good).has_value());
  EXPECT_EQ(*TimeOfLogId(good),
            absl::FromCivil(absl::CivilSecond(2026, 11, 23, 0, 51, 2), absl::UTCTimeZone()) +
                absl::Microseconds(123456));
  for (const std::string& other :
       {std::string("49"), std::string(), good.substr(1), good + "0",
        "900" + std::string("20261323005102") + good.substr(17), "900" + std::string(53, 'x')}) {
    EXPECT_FALSE(TimeOfLogId(other).has_value()) << other;
  }
}

TEST(LogIdTest, SyntheticIdsStandBeforeTheLogsOfTheirSecond) {
  const absl::Time time = absl::FromUnixSeconds(1'795'392'000);
  const std::string id = SyntheticLogId(time);
  EXPECT_EQ(id.size(), 56u);
  EXPECT_EQ(TimeOfLogId(id), time);
  EXPECT_LT(SyntheticLogId(time - absl::Seconds(1)), id);
}

TEST(LogFilterTest, NamesTheFirstReasonToLeaveALogOut) {
  const LogType login{"s", "Success Login", "", "auth.login.success", 1};
  const LogType failed{"fp", "Failed Login", "", "auth.login.fail", 3};
  FilterSettings settings;
  settings.types = {"s", "fp"};
  settings.min_level = 2;
  settings.client_ids = {"web"};
  const LogFilter filter(settings, "own");
  Log log;
  log.type = &failed;
  log.client_id = "web";
  EXPECT_EQ(filter.ReasonToSkip(log), "");
  log.type = &login;
  EXPECT_EQ(filter.ReasonToSkip(log), "LEVEL");
  log.type = &failed;
  log.client_id = "other";
  EXPECT_EQ(filter.ReasonToSkip(log), "CLIENT");
  log.client_id = "own";
  EXPECT_EQ(filter.ReasonToSkip(log), "OWN_CLIENT");
}

}  // namespace
}  // namespace logexport
