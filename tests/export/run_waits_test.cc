#include "service/export/run_waits.h"

#include <stop_token>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/base/random.h"
#include "service/export/retry_loop.h"
#include "tests/support/fake_clock.h"

namespace logexport {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Told final : public WaitObserver {
 public:
  void AttemptFailed(const RunWait& wait) override {
    lines.push_back(absl::StrCat("failed: ", wait.last_error->reason));
  }
  void LimitLasts(const RunWait& wait) override {
    lines.push_back(absl::StrCat("lasts: ", OriginName(wait.target)));
  }
  void Recovered(const RunWait& wait) override {
    lines.push_back(absl::StrCat("recovered after ", wait.failed_attempts));
  }
  std::vector<std::string> lines;
};

class RunWaitsTest : public ::testing::Test {
 protected:
  static Failure Unavailable() {
    Failure failure;
    failure.origin = Origin::kSegment;
    failure.kind = FailureClass::kTransient;
    failure.message = "Segment answered 500";
    return failure;
  }
  static Failure Limited(absl::Duration wait) {
    Failure failure = Unavailable();
    failure.origin = Origin::kAuth0;
    failure.kind = FailureClass::kLimited;
    failure.message = "Auth0 answered 429";
    failure.retry_after = wait;
    return failure;
  }
  std::vector<RunWarning> Warnings() const {
    RunRecord run;
    account_.Fill(&run);
    return run.warnings;
  }

  FakeClock clock_{FakeClock::Mode::kAutomatic};
  RunAccount account_;
  Told told_;
  RunWaits waits_{clock_, account_, &told_};
  RunBudget budget_{clock_, absl::Hours(1), absl::Hours(1)};
  RetryLoop retry_{clock_, SystemRandom(), budget_, {}, &waits_};
};

TEST_F(RunWaitsTest, SaysWhatIsRepeatedWhileItHappensAndTellsTheFirstFailureAndTheRecovery) {
  const absl::Time begun = clock_.Now();
  const absl::Status status = retry_.Run({}, [&](int attempt) -> absl::Status {
    if (attempt == 0) {
      EXPECT_THAT(waits_.Now(), IsEmpty());
      return MakeFailure(Unavailable());
    }
    const std::vector<RunWait> waits = waits_.Now();
    EXPECT_EQ(waits.size(), 1u);
    EXPECT_EQ(waits[0].target, Origin::kSegment);
    EXPECT_EQ(waits[0].failed_attempts, attempt);
    EXPECT_EQ(waits[0].since, begun);
    EXPECT_FALSE(waits[0].rate_limited);
    EXPECT_EQ(waits[0].last_error->message, "Segment answered 500");
    return attempt < 3 ? MakeFailure(Unavailable()) : absl::OkStatus();
  });
  EXPECT_TRUE(status.ok());
  EXPECT_THAT(waits_.Now(), IsEmpty());
  ASSERT_EQ(told_.lines.size(), 2u);
  EXPECT_THAT(told_.lines[0], HasSubstr("failed: "));
  EXPECT_EQ(told_.lines[1], "recovered after 3");
  EXPECT_THAT(Warnings(), IsEmpty());
}

TEST_F(RunWaitsTest, ALimitThatLastsIsAWarningBeforeItEnds) {
  const absl::Status status = retry_.Run({}, [&](int attempt) -> absl::Status {
    EXPECT_EQ(Warnings().size(), attempt < 2 ? 0u : 1u) << attempt;
    return attempt < 5 ? MakeFailure(Limited(absl::Seconds(20))) : absl::OkStatus();
  });
  EXPECT_TRUE(status.ok());
  ASSERT_EQ(Warnings().size(), 1u);
  EXPECT_EQ(Warnings()[0].code, "RATE_LIMITED");
  EXPECT_EQ(Warnings()[0].count, 1);
  EXPECT_THAT(Warnings()[0].message, HasSubstr("Auth0 answered 429"));
  EXPECT_THAT(told_.lines, ElementsAre(HasSubstr("failed: "), "lasts: AUTH0", "recovered after 5"));
}

TEST_F(RunWaitsTest, AWaitThatKeepsToALimitIsNoFailure) {
  EXPECT_TRUE(retry_.WaitOnLimit(Origin::kAuth0, absl::Seconds(5), {}));
  EXPECT_THAT(told_.lines, IsEmpty());
  EXPECT_THAT(Warnings(), IsEmpty());
  EXPECT_TRUE(retry_.WaitOnLimit(Origin::kAuth0, absl::Minutes(5), {}));
  EXPECT_THAT(told_.lines, ElementsAre("lasts: AUTH0"));
  EXPECT_EQ(Warnings().size(), 1u);
}

TEST_F(RunWaitsTest, SeveralCallsToOneServiceAreOneWait) {
  RunWaits::Attempts first(&waits_);
  RunWaits::Attempts second(&waits_);
  first.Failed(Unavailable(), absl::Seconds(1));
  second.Failed(Unavailable(), absl::Seconds(2));
  ASSERT_EQ(waits_.Now().size(), 1u);
  EXPECT_EQ(waits_.Now()[0].failed_attempts, 2);
  first.Succeeded();
  EXPECT_EQ(waits_.Now().size(), 1u);
  second.Succeeded();
  EXPECT_THAT(waits_.Now(), IsEmpty());
  EXPECT_THAT(told_.lines, ElementsAre(HasSubstr("failed: "), "recovered after 2"));
}

TEST_F(RunWaitsTest, ACallThatGivesUpHasNotRecovered) {
  {
    RunWaits::Attempts attempts(&waits_);
    attempts.Failed(Unavailable(), absl::Seconds(1));
  }
  EXPECT_THAT(waits_.Now(), IsEmpty());
  EXPECT_THAT(told_.lines, ElementsAre(HasSubstr("failed: ")));
}

}  // namespace
}  // namespace logexport
