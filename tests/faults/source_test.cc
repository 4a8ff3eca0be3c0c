// A source at its worst, through whole runs: every log arrives or is a dead letter, once, and the
// checkpoint never goes back.

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/base/time_text.h"
#include "service/base/utf8.h"
#include "tests/auth0/tenant.h"
#include "tests/faults/whole_export.h"

namespace logexport {
namespace {

using sandbox::Endpoint;
using sandbox::FaultRule;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

class SourceTest : public testing::Test {
 protected:
  void Start(std::size_t logs = 0) { export_ = std::make_unique<WholeExport>(Tenant(logs)); }
  static sandbox::SandboxOptions Tenant(std::size_t logs) { return WholeExport::Tenant(logs); }

  absl::Time now() { return export_->clock().Now(); }
  std::vector<std::string> ids() { return export_->sandbox().LogIds(); }

  // Adds logs of these ids, dated a second apart from `first` on.
  void Add(const std::vector<std::string>& ids, absl::Time first) {
    std::string lines;
    for (const std::string& id : ids) {
      absl::StrAppend(&lines, LogJson(id, FormatTimestamp(first)), "\n");
      first += absl::Seconds(1);
    }
    ASSERT_EQ(export_->sandbox().AddLogs(lines).added, ids.size());
  }

  // The page that holds the logs [begin, end) of the tenant.
  std::string PageOf(std::size_t begin, std::size_t end) {
    std::vector<std::string> logs;
    for (std::size_t i = begin; i < end; ++i) logs.push_back(*export_->sandbox().LogAt(i));
    return JsonArray(logs);
  }

  // Reads of the page after the log with this index are answered with `body`.
  void AnswerReadsAfter(std::size_t index, std::string body, std::uint64_t times = 0) {
    FaultRule rule;
    rule.endpoints = Endpoint::kLogsCheckpoint;
    rule.contains = absl::StrCat("from=", ids()[index]);
    rule.status = 200;
    rule.body = std::move(body);
    rule.times = times;
    export_->sandbox().AddFault(rule);
  }

  void ExpectEverythingArrivedOnce() {
    EXPECT_THAT(export_->MissingLogs(), IsEmpty());
    EXPECT_EQ(export_->sandbox().stats().duplicates, 0u);
  }

  std::unique_ptr<WholeExport> export_;
};

struct Gap {
  const char* name;
  absl::Duration checkpoint_age;
  absl::Duration first_log_age;
  absl::Duration retention;
  bool warns;
};
class GapTest : public SourceTest, public testing::WithParamInterface<Gap> {};

TEST_P(GapTest, IsToldWhereLogsMayHaveBeenDropped) {
  const Gap& gap = GetParam();
  Start();
  export_->settings.auth0.retention = gap.retention;
  export_->SetCheckpoint({Position::Kind::kAfter, IdAt(now() - gap.checkpoint_age), {}});
  Add({IdAt(now() - gap.first_log_age)}, now() - gap.first_log_age);
  const RunRecord run = export_->Run();
  EXPECT_EQ(run.stop_reason, StopReason::kCaughtUp);
  ExpectEverythingArrivedOnce();
  const auto told = Contains("RETENTION_GAP");
  if (gap.warns) {
    EXPECT_THAT(WarningsOf(run), told);
  } else {
    EXPECT_THAT(WarningsOf(run), Not(told));
  }
  // Once: the next run starts behind the gap.
  export_->clock().Advance(absl::Minutes(5));
  EXPECT_THAT(WarningsOf(export_->Run()), Not(told));
}

INSTANTIATE_TEST_SUITE_P(
    Checkpoints, GapTest,
    testing::Values(
        Gap{"OlderThanAnyRetention", absl::Hours(50), absl::Hours(10), {}, true},
        Gap{"YoungerThanAnyRetention", absl::Hours(23), absl::Hours(10), {}, false},
        Gap{"OlderThanTheRetention", absl::Hours(50), absl::Hours(10), absl::Hours(48), true},
        Gap{"YoungerThanTheRetention", absl::Hours(47), absl::Hours(10), absl::Hours(48), false},
        Gap{"FollowedAtOnce", absl::Hours(50), absl::Hours(50) - absl::Minutes(59), {}, false},
        Gap{"FollowedLater", absl::Hours(50), absl::Hours(50) - absl::Minutes(61), {}, true}),
    [](const testing::TestParamInfo<Gap>& gap) { return std::string(gap.param.name); });

// Nothing can be missing between the last log and the time at which there was no other.
TEST_F(SourceTest, AQuietTenantHasNoGap) {
  Start();
  Add({IdAt(now() - absl::Hours(30)), IdAt(now() - absl::Hours(30) + absl::Seconds(1)),
       IdAt(now() - absl::Hours(30) + absl::Seconds(2))},
      now() - absl::Hours(30));
  EXPECT_EQ(export_->Run().stop_reason, StopReason::kCaughtUp);
  for (const absl::Duration quiet : {absl::Seconds(2), absl::Hours(20)}) {
    export_->clock().Advance(quiet);
    Add({IdAt(now())}, now());
    export_->clock().Advance(absl::Minutes(1));
    const RunRecord run = export_->Run();
    EXPECT_EQ(run.ledger.logs.accepted, 1);
    EXPECT_THAT(WarningsOf(run), Not(Contains("RETENTION_GAP")));
  }
  // But there may be one since then.
  export_->clock().Advance(absl::Hours(60));
  Add({IdAt(now())}, now());
  export_->clock().Advance(absl::Minutes(1));
  EXPECT_THAT(WarningsOf(export_->Run()), Contains("RETENTION_GAP"));
}

TEST_F(SourceTest, ALagBeyondHalfTheRetentionIsARisk) {
  struct {
    absl::Duration lag;
    absl::Duration retention;
    bool warns;
  } const cases[] = {{absl::Hours(25), absl::Hours(48), true},
                     {absl::Hours(23), absl::Hours(48), false},
                     {absl::Hours(500), absl::ZeroDuration(), false}};
  for (const auto& c : cases) {
    Start();
    export_->settings.auth0.retention = c.retention;
    export_->SetCheckpoint({Position::Kind::kAfter, IdAt(now() - c.lag), {}});
    Add({IdAt(now() - absl::Hours(1))}, now() - absl::Hours(1));
    EXPECT_EQ(testing::Value(WarningsOf(export_->Run()), Contains("RETENTION_RISK")), c.warns);
    // Caught up, it is none.
    export_->clock().Advance(absl::Minutes(5));
    EXPECT_THAT(WarningsOf(export_->Run()), Not(Contains("RETENTION_RISK")));
  }
}

TEST_F(SourceTest, GoesOnBehindACheckpointThatAuth0NoLongerHas) {
  Start(250);
  export_->Run([](RunRecord& run, ExporterSettings&) { run.parameters.max_logs = 50; });
  export_->sandbox().ExpireLogs(ids()[120]);
  EXPECT_EQ(export_->Run().ledger.logs.accepted, 129);
  EXPECT_EQ(export_->checkpoint().position.id, ids().back());
}

TEST_F(SourceTest, ARejectedCheckpointStaysUntilSomebodySetsIt) {
  Start(250);
  export_->Run([](RunRecord& run, ExporterSettings&) { run.parameters.max_logs = 50; });
  FaultRule rejected;
  rejected.endpoints = Endpoint::kLogsCheckpoint;
  rejected.contains = ids()[49];
  rejected.status = 400;
  export_->sandbox().AddFault(rejected);
  for (int i = 0; i < 3; ++i) {
    const RunRecord run = export_->Run();
    ASSERT_TRUE(run.error.has_value());
    EXPECT_EQ(run.error->reason, "AUTH0_CHECKPOINT_REJECTED");
    EXPECT_THAT(run.error->message, HasSubstr(ids()[49]));
    EXPECT_THAT(run.error->action, HasSubstr("set-checkpoint"));
    EXPECT_EQ(export_->checkpoint().position.id, ids()[49]);
  }
  export_->SetCheckpoint({Position::Kind::kEarliest, "", {}});
  EXPECT_EQ(export_->Run().stop_reason, StopReason::kCaughtUp);
  EXPECT_THAT(export_->MissingLogs(), IsEmpty());
}

// The same page again and again, as a broken cache would give it.
TEST_F(SourceTest, APageOfOnlyOlderLogsEndsTheRunWhereItIs) {
  for (const std::size_t begin : {0UL, 40UL}) {
    Start(250);
    AnswerReadsAfter(99, PageOf(begin, begin + 60));
    const RunRecord run = export_->Run();
    ASSERT_TRUE(run.error.has_value());
    EXPECT_EQ(run.error->reason, "AUTH0_UNEXPECTED_RESPONSE");
    EXPECT_EQ(run.ledger.logs.accepted, 100);
    EXPECT_EQ(export_->checkpoint().position.id, ids()[99]);
    export_->sandbox().ClearFaults();
    EXPECT_EQ(export_->Run().stop_reason, StopReason::kCaughtUp);
    ExpectEverythingArrivedOnce();
  }
}

TEST_F(SourceTest, APageThatRepeatsLogsGivesOnlyTheNewOnes) {
  Start(250);
  AnswerReadsAfter(99, PageOf(30, 160));
  std::vector<std::string> shuffled;
  for (const std::size_t i : {165UL, 161UL, 163UL, 160UL, 162UL, 161UL, 164UL, 12UL}) {
    shuffled.push_back(*export_->sandbox().LogAt(i));
  }
  AnswerReadsAfter(159, JsonArray(shuffled));
  const RunRecord run = export_->Run();
  EXPECT_EQ(run.stop_reason, StopReason::kCaughtUp);
  EXPECT_EQ(run.ledger.logs.accepted, 250);
  ExpectEverythingArrivedOnce();
}

TEST_F(SourceTest, IdsOfEveryShapeArrive) {
  Start();
  std::vector<std::string> all;
  for (int i = 0; i < 130; ++i) all.push_back(absl::StrFormat("49590%035d", i));
  for (int i = 0; i < 130; ++i) all.push_back(absl::StrFormat("5f3c%020x", i * 17));
  for (int i = 0; i < 130; ++i) all.push_back(IdAt(now() - absl::Hours(2) + absl::Seconds(i), i));
  all.insert(all.end(), {"a", "aa", "z/? &=%", "é"});
  Add(all, now() - absl::Hours(3));
  const RunRecord run = export_->Run();
  EXPECT_EQ(run.stop_reason, StopReason::kCaughtUp);
  EXPECT_EQ(run.ledger.logs.accepted, static_cast<std::int64_t>(all.size()));
  ExpectEverythingArrivedOnce();
  EXPECT_EQ(export_->checkpoint().position.id, "é");
  EXPECT_EQ(export_->Run().ledger.logs.fetched, 0);
}

// A date tells when a log came only as long as it is possible.
TEST_F(SourceTest, ALogDatedAheadStopsNothing) {
  for (const std::string& beginning :
       {"4957" + std::string(51, '0'), "01JD" + std::string(21, '0')}) {
    Start();
    std::string lines;
    for (int i = 0; i < 6; ++i) {
      const absl::Time date = i == 2 ? now() + absl::Hours(5 * 365 * 24) : now() - absl::Minutes(5);
      absl::StrAppend(&lines, LogJson(absl::StrCat(beginning, i), FormatTimestamp(date)), "\n");
    }
    ASSERT_EQ(export_->sandbox().AddLogs(lines).added, 6u);
    const RunRecord run = export_->Run();
    EXPECT_EQ(run.stop_reason, StopReason::kCaughtUp);
    EXPECT_EQ(run.ledger.logs.accepted, 6) << beginning;
    ExpectEverythingArrivedOnce();
    // The lag does not count from the date that is ahead either.
    EXPECT_LE(*run.last_log_time, now());
    export_->clock().Advance(absl::Hours(3));
    EXPECT_GE(*export_->Lag(), absl::Hours(3));
  }
}

// Nothing is assumed about ids that were not seen yet.
TEST_F(SourceTest, ATenantThatWasEmptyAtFirstMayGetIdsOfAnyForm) {
  for (const std::string& beginning :
       {"4957" + std::string(51, '0'), std::string("5f3c0a1b2c3d4e5f6071820"),
        std::string("01JD0000")}) {
    Start();
    const RunRecord empty = export_->Run();
    EXPECT_EQ(empty.stop_reason, StopReason::kCaughtUp);
    EXPECT_LT(*export_->Lag(), absl::Minutes(1));
    Add({beginning + "1", beginning + "2", beginning + "3", beginning + "4", beginning + "5"},
        now() - absl::Minutes(2));
    export_->clock().Advance(absl::Minutes(5));
    EXPECT_EQ(export_->Run().ledger.logs.accepted, 5) << beginning;
    ExpectEverythingArrivedOnce();
  }
}

TEST_F(SourceTest, IdsOfAnotherFormThatCannotBeComparedAreTold) {
  Start(250);
  const std::string other = "4957" + std::string(20, '1');
  AnswerReadsAfter(99, JsonArray({*export_->sandbox().LogAt(100), LogJson(other)}));
  const RunRecord run = export_->Run();
  EXPECT_EQ(run.state, RunState::kFailed);
  ASSERT_TRUE(run.error.has_value());
  EXPECT_EQ(run.error->reason, "AUTH0_UNEXPECTED_RESPONSE");
  EXPECT_FALSE(run.error->retryable);
  EXPECT_THAT(run.error->message, HasSubstr(other));
  EXPECT_THAT(run.error->action, HasSubstr("set-checkpoint"));
  EXPECT_EQ(run.ledger.logs.accepted, 100);
}

// One answer whose Date is ahead must not make logs look old that are young.
TEST_F(SourceTest, ADateOfOneAnswerThatIsAheadDefeatsNoSettleDelay) {
  Start();
  Add({IdAt(now() - absl::Hours(1))}, now() - absl::Hours(1));
  export_->Run();
  export_->clock().Advance(absl::Minutes(5));
  const absl::Time young = now() - absl::Seconds(4);
  Add({IdAt(young)}, young);
  FaultRule rule;
  rule.endpoints = Endpoint::kLogsCheckpoint;
  rule.status = 200;
  rule.body = JsonArray({*export_->sandbox().LogAt(1)});
  rule.headers = {{"Date", DateHeader(now() + absl::Seconds(15)).value}};
  rule.times = 1;
  export_->sandbox().AddFault(rule);
  // As of a service that has just started, which knows no other answers but that with the token.
  export_->Reconfigure();
  const RunRecord run = export_->Run();
  EXPECT_EQ(run.ledger.logs.fetched, 0);
  EXPECT_THAT(WarningsOf(run), Contains("CLOCK_SKEW"));
  // One that comes late with a lower id is not jumped.
  Add({IdAt(young - absl::Seconds(1))}, young);
  export_->clock().Advance(absl::Minutes(5));
  const RunRecord next = export_->Run();
  EXPECT_EQ(next.ledger.logs.accepted, 2);
  EXPECT_THAT(WarningsOf(next), Not(Contains("CLOCK_SKEW")));
  ExpectEverythingArrivedOnce();
}

TEST_F(SourceTest, IdsAheadOfTheSourcesTimeWaitAndAreTold) {
  Start();
  const std::string ahead = IdAt(now() + absl::Hours(2));
  Add({IdAt(now() - absl::Hours(1)), ahead}, now() - absl::Hours(1));
  const RunRecord run = export_->Run();
  EXPECT_EQ(run.ledger.logs.accepted, 1);
  EXPECT_THAT(WarningsOf(run), Contains("CLOCK_SKEW"));
  // What came meanwhile has a lower id, and is not jumped.
  export_->clock().Advance(absl::Hours(1));
  Add({IdAt(now() - absl::Minutes(1))}, now() - absl::Minutes(1));
  EXPECT_EQ(export_->Run().ledger.logs.accepted, 1);
  export_->clock().Advance(absl::Hours(2));
  EXPECT_EQ(export_->Run().ledger.logs.accepted, 1);
  ExpectEverythingArrivedOnce();
}

TEST_F(SourceTest, DatesInAnyOrderArriveAsTheyAre) {
  Start();
  const absl::Time begin = now() - absl::Hours(1);
  std::string lines;
  for (int i = 0; i < 250; ++i) {
    const absl::Time date = begin + absl::Seconds((i * 101) % 250);
    absl::StrAppend(&lines, LogJson(IdAt(begin + absl::Seconds(i), i), FormatTimestamp(date)),
                    "\n");
  }
  ASSERT_EQ(export_->sandbox().AddLogs(lines).added, 250u);
  const RunRecord run = export_->Run();
  EXPECT_EQ(run.ledger.logs.accepted, 250);
  ExpectEverythingArrivedOnce();
  EXPECT_EQ(run.first_log_time, begin);
  EXPECT_EQ(run.last_log_time, begin + absl::Seconds(249));
  const auto events = export_->sandbox().AcceptedEvents(ids()[1]);
  ASSERT_THAT(events, SizeIs(1));
  EXPECT_EQ(events[0].timestamp, FormatTimestamp(begin + absl::Seconds(101)));
}

TEST_F(SourceTest, PagesThatAreTooLargeAreReadInPartsDownToSingleLogs) {
  Start(30);
  for (int i = 0; i < 12; ++i) {
    const std::string id = IdAt(now() - absl::Hours(2), i);
    ASSERT_TRUE(export_->sandbox().AddRawLog(
        id, LogJson(id, FormatTimestamp(now() - absl::Hours(2)),
                    absl::StrCat(R"("details":")", std::string(5 << 20, 'x'), "\""))));
  }
  const RunRecord run = export_->Run();
  EXPECT_EQ(run.stop_reason, StopReason::kCaughtUp);
  EXPECT_EQ(run.ledger.logs.accepted, 42);
  EXPECT_THAT(WarningsOf(run), Contains("TRUNCATED"));
  ExpectEverythingArrivedOnce();
}

TEST_F(SourceTest, ALogThatIsTooLargeIsKeptByItsIdAndPassed) {
  Start(150);
  const std::string large = IdAt(now() - absl::Hours(2), 7);
  ASSERT_TRUE(export_->sandbox().AddRawLog(
      large, LogJson(large, FormatTimestamp(now() - absl::Hours(2)),
                     absl::StrCat(R"("details":")", std::string(9 << 20, 'x'), "\""))));
  const RunRecord run = export_->Run();
  EXPECT_EQ(run.state, RunState::kSucceeded);
  EXPECT_EQ(run.ledger.logs.accepted, 150);
  EXPECT_EQ(run.ledger.logs.dead_lettered, 1);
  ASSERT_THAT(export_->dead_letters(), SizeIs(1));
  EXPECT_EQ(export_->dead_letters()[0].log_id, large);
  EXPECT_EQ(export_->dead_letters()[0].reason, "LOG_TOO_LARGE");
  EXPECT_EQ(export_->checkpoint().position.id, ids().back());
}

TEST_F(SourceTest, LogsWithoutAnIdAreKeptUnderTheirHash) {
  Start(150);
  // One among others, and one after which nothing comes.
  const std::string among = IdAt(now() - absl::Hours(2), 7);
  const std::string last = IdAt(now() - absl::Seconds(30), 7);
  const std::string date = FormatTimestamp(now() - absl::Hours(2));
  ASSERT_TRUE(
      export_->sandbox().AddRawLog(among, absl::StrCat(R"({"type":"s","date":")", date, R"("})")));
  ASSERT_TRUE(export_->sandbox().AddRawLog(last, R"({"type":"s","n":2})"));
  for (int i = 0; i < 3; ++i) {
    const RunRecord run = export_->Run();
    EXPECT_EQ(run.stop_reason, StopReason::kCaughtUp);
    const std::vector<DeadLetter> letters = export_->dead_letters();
    EXPECT_THAT(letters, Not(IsEmpty()));
    EXPECT_LE(letters.size(), 2u);
    for (const DeadLetter& letter : letters) {
      EXPECT_THAT(letter.log_id, StartsWith("sha256:"));
      EXPECT_EQ(letter.reason, "MALFORMED_LOG");
      EXPECT_THAT(letter.raw, HasSubstr(R"("type":"s")"));
    }
    ExpectEverythingArrivedOnce();
    export_->clock().Advance(absl::Minutes(5));
    export_->sandbox().GenerateLogs(1, now() - absl::Minutes(2), absl::Seconds(1));
  }
  EXPECT_THAT(export_->dead_letters(), SizeIs(2));
}

TEST_F(SourceTest, InvalidUtf8IsMendedAndMarked) {
  Start(20);
  const std::string id = IdAt(now() - absl::Hours(2), 7);
  ASSERT_TRUE(export_->sandbox().AddRawLog(
      id, LogJson(id, FormatTimestamp(now() - absl::Hours(2)),
                  "\"user_id\":\"auth0|1\",\"user_agent\":\"a\xff\xc3(b\"")));
  const RunRecord run = export_->Run();
  EXPECT_EQ(run.ledger.logs.accepted, 21);
  ASSERT_THAT(WarningsOf(run), ElementsAre("INVALID_UTF8"));
  EXPECT_EQ(run.warnings[0].count, 1);
  const auto events = export_->sandbox().AcceptedEvents(id);
  ASSERT_THAT(events, SizeIs(1));
  EXPECT_THAT(events[0].raw, HasSubstr("a\xef\xbf\xbd\xef\xbf\xbd(b"));
  EXPECT_TRUE(IsValidUtf8(events[0].raw));
  ExpectEverythingArrivedOnce();
}

}  // namespace
}  // namespace logexport
