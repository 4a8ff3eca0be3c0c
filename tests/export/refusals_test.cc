#include <algorithm>
#include <atomic>
#include <cmath>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/export/failure.h"
#include "service/export/refusal_memory.h"
#include "tests/export/pipeline.h"

namespace logexport {
namespace {

using ::testing::_;
using ::testing::AllOf;
using ::testing::Each;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;

auto RefusingAny(std::set<std::string> poison) {
  return [poison = std::move(poison)](int, const std::vector<std::string>& ids) {
    const bool refused = std::any_of(ids.begin(), ids.end(),
                                     [&](const std::string& id) { return poison.contains(id); });
    return refused ? RefusedBatch() : absl::OkStatus();
  };
}

class PoisonTest : public ::testing::TestWithParam<int> {};

TEST_P(PoisonTest, CostsAtMostTwiceTheHalvingsAtEveryPlaceAndSettlesAllOthers) {
  const int n = GetParam();
  const int halvings = static_cast<int>(std::ceil(std::log2(n)));
  for (int place = 0; place < n; ++place) {
    SCOPED_TRACE(place);
    Pipeline p;
    p.tenant->AddLogs(n);
    p.segment->batch_limits = {static_cast<std::size_t>(n), 1'000'000};
    const std::string poison = p.tenant->ids()[static_cast<std::size_t>(place)];
    p.segment->before_accept = RefusingAny({poison});
    const RunRecord run = p.Run([&](RunRecord&, ExporterSettings& settings) {
      settings.auth0.batch_size = n;
      settings.segment.max_in_flight = 1;
    });
    EXPECT_EQ(run.state, RunState::kSucceeded);
    EXPECT_EQ(run.ledger.logs.dead_lettered, 1);
    EXPECT_EQ(run.ledger.logs.accepted, n - 1);
    EXPECT_THAT(p.segment->accepted(), Each(Pair(_, 1)));
    ASSERT_THAT(p.dead_letters(), SizeIs(1));
    EXPECT_EQ(p.dead_letters()[0].log_id, poison);
    EXPECT_EQ(p.dead_letters()[0].reason, "SEGMENT_REJECTED");
    EXPECT_EQ(p.dead_letters()[0].message, "bad event");
    EXPECT_LE(p.segment->attempts() - 1, 2 * halvings + 2);
  }
}

INSTANTIATE_TEST_SUITE_P(Batches, PoisonTest, ::testing::Values(1, 2, 3, 7, 8, 100));

struct Threshold {
  int logs;
  int allowed;
};

// At most ten, or one in twenty of the events if that is more.
class RefusalThresholdTest : public ::testing::TestWithParam<Threshold> {};

TEST_P(RefusalThresholdTest, OneMoreThanAllowedEndsTheRun) {
  const int logs = GetParam().logs;
  const int allowed = GetParam().allowed;
  for (const int more : {0, 1}) {
    SCOPED_TRACE(more);
    Pipeline p;
    p.tenant->AddLogs(logs);
    const std::vector<std::string> ids = p.tenant->ids();
    std::set<std::string> poison;
    for (int i = 0; i < allowed + more; ++i) {
      poison.insert(ids[static_cast<std::size_t>(i * (logs / (allowed + 1)) + 1)]);
    }
    p.segment->batch_limits = {static_cast<std::size_t>(logs), 1'000'000};
    p.segment->before_accept = RefusingAny(poison);
    const RunRecord run = p.Run([&](RunRecord&, ExporterSettings& settings) {
      settings.auth0.batch_size = logs;
      settings.segment.max_in_flight = 1;
    });
    if (more == 0) {
      EXPECT_EQ(run.state, RunState::kSucceeded);
      EXPECT_THAT(p.dead_letters(), SizeIs(allowed));
      EXPECT_EQ(run.ledger.logs.accepted, logs - allowed);
    } else {
      ASSERT_TRUE(run.error.has_value());
      EXPECT_EQ(run.error->reason, "SEGMENT_REFUSES");
      EXPECT_THAT(p.dead_letters(), IsEmpty());
      EXPECT_LT(p.checkpoint().position.id, *poison.begin());
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Sides, RefusalThresholdTest,
                         ::testing::Values(Threshold{40, 10}, Threshold{200, 10},
                                           Threshold{219, 10}, Threshold{220, 11},
                                           Threshold{400, 20}));

TEST(RefusalTest, ABatchThatIsTooLargeIsSplitUntilItFits) {
  Pipeline p;
  p.tenant->AddLogs(100);
  p.segment->before_accept = [](int, const std::vector<std::string>& ids) {
    return ids.size() > 6 ? TooLarge() : absl::OkStatus();
  };
  const RunRecord run = p.Run();
  EXPECT_EQ(run.state, RunState::kSucceeded);
  EXPECT_EQ(run.ledger.logs.accepted, 100);
  EXPECT_THAT(p.segment->accepted(), AllOf(SizeIs(100), Each(Pair(_, 1))));
}

TEST(RefusalTest, AnEventThatIsTooLargeAloneIsADeadLetter) {
  Pipeline p;
  p.tenant->AddLogs(100);
  p.segment->before_accept = [](int, const std::vector<std::string>& ids) {
    return std::count(ids.begin(), ids.end(), "id00000041") > 0 ? TooLarge() : absl::OkStatus();
  };
  const RunRecord run = p.Run();
  EXPECT_EQ(run.state, RunState::kSucceeded);
  EXPECT_EQ(run.ledger.logs.accepted, 99);
  ASSERT_THAT(p.dead_letters(), SizeIs(1));
  EXPECT_EQ(p.dead_letters()[0].log_id, "id00000041");
  EXPECT_EQ(p.dead_letters()[0].reason, "EVENT_TOO_LARGE");
}

TEST(RefusalTest, AnEventThatIsTooLargeAloneIsSentShortened) {
  Pipeline p;
  p.tenant->AddLogs(100);
  p.mapper.blanks = {{"id00000007", 30'000}, {"id00000041", 17'000}, {"id00000042", 30'000}};
  p.segment->largest_request = 16 << 10;
  const RunRecord run = p.Run();
  EXPECT_EQ(run.state, RunState::kSucceeded);
  EXPECT_EQ(run.ledger.logs.accepted, 100);
  EXPECT_THAT(p.segment->accepted(), AllOf(SizeIs(100), Each(Pair(_, 1))));
  EXPECT_THAT(p.dead_letters(), IsEmpty());
  ASSERT_THAT(run.warnings, SizeIs(1));
  EXPECT_EQ(run.warnings[0].code, "TRUNCATED");
  EXPECT_EQ(run.warnings[0].count, 3);
}

TEST(RefusalTest, AnEventThatIsTooLargeEvenWhenShortenedCostsOneRequestMore) {
  Pipeline p;
  p.tenant->AddLogs(100);
  p.mapper.blanks = {{"id00000041", 30'000}};
  std::atomic<int> alone = 0;
  p.segment->before_accept = [&](int, const std::vector<std::string>& ids) {
    if (std::count(ids.begin(), ids.end(), "id00000041") == 0) return absl::OkStatus();
    alone += ids.size() == 1;
    return TooLarge();
  };
  const RunRecord run = p.Run();
  EXPECT_EQ(run.state, RunState::kSucceeded);
  EXPECT_EQ(alone, 2);
  EXPECT_THAT(run.warnings, IsEmpty());
  ASSERT_THAT(p.dead_letters(), SizeIs(1));
  EXPECT_EQ(p.dead_letters()[0].reason, "EVENT_TOO_LARGE");
}

class RefusingSegmentTest : public ::testing::TestWithParam<int> {};

TEST_P(RefusingSegmentTest, EndsTheRunWithoutDeadLetters) {
  Pipeline p;
  p.tenant->AddLogs(GetParam());
  p.segment->before_accept = [](int, const auto&) { return RefusedBatch(); };
  const RunRecord run = p.Run();
  EXPECT_EQ(run.state, RunState::kFailed);
  EXPECT_EQ(run.error->reason, "SEGMENT_REFUSES");
  EXPECT_EQ(run.ledger.logs.dead_lettered, 0);
  EXPECT_THAT(p.dead_letters(), IsEmpty());
  EXPECT_EQ(p.checkpoint().position.id, "id");
}

INSTANTIATE_TEST_SUITE_P(Logs, RefusingSegmentTest, ::testing::Values(2, 9, 10, 11, 50, 400));

TEST(RefusalTest, ASegmentThatBeginsToRefuseEverythingMakesNoDeadLetters) {
  Pipeline p;
  p.tenant->AddLogs(400);
  std::atomic<int> sends = 0;
  p.segment->before_accept = [&](int, const auto&) {
    return sends++ == 0 ? absl::OkStatus() : RefusedBatch();
  };
  // Batches of more logs than may be refused, so that none is settled by refusals alone.
  const RunRecord run = p.Run([](RunRecord&, ExporterSettings& s) {
    s.segment.max_in_flight = 1;
    s.auth0.batch_size = 100;
  });
  EXPECT_EQ(run.state, RunState::kFailed);
  EXPECT_EQ(run.error->reason, "SEGMENT_REFUSES");
  EXPECT_GT(run.ledger.logs.accepted, 0);
  EXPECT_EQ(run.ledger.logs.dead_lettered, 0);
  EXPECT_THAT(p.dead_letters(), IsEmpty());
}

TEST(RefusalTest, OneRefusedLogAloneIsADeadLetter) {
  Pipeline p;
  p.tenant->AddLogs(1);
  p.segment->before_accept = [](int, const auto&) { return RefusedBatch(); };
  EXPECT_EQ(p.Run().state, RunState::kSucceeded);
  EXPECT_THAT(p.dead_letters(), SizeIs(1));
  EXPECT_EQ(p.checkpoint().position.id, "id00000000");
}

// One log in each run: without a memory, each would be a dead letter and each run a success.
TEST(RefusalTest, ASegmentThatRefusesOneLogAfterTheOtherIsRecognised) {
  Pipeline p;
  const auto refuse = [](int, const auto&) { return RefusedBatch(); };
  p.tenant->AddLogs(5);
  EXPECT_EQ(p.Run().state, RunState::kSucceeded);
  p.segment->before_accept = refuse;
  p.tenant->AddLogs(1);
  EXPECT_EQ(p.Run().state, RunState::kSucceeded);  // that log may be at fault
  for (int i = 0; i < 12; ++i) {
    p.tenant->AddLogs(1);
    p.Reopen();  // the memory outlives the process
    const RunRecord run = p.Run();
    EXPECT_EQ(run.state, RunState::kFailed);
    ASSERT_TRUE(run.error.has_value());
    EXPECT_EQ(run.error->reason, "SEGMENT_REFUSES");
    EXPECT_EQ(run.ledger.logs.settled(), 0);
    EXPECT_EQ(run.ledger.unsettled, i + 1);
  }
  EXPECT_THAT(p.dead_letters(), SizeIs(1));
  // Once it accepts something, what it refuses is the event's own fault again.
  p.segment->before_accept = RefusingAny({"id00000006"});
  EXPECT_EQ(p.Run().state, RunState::kSucceeded);
  EXPECT_THAT(p.dead_letters(), SizeIs(2));
  EXPECT_THAT(p.segment->accepted(), SizeIs(16));
}

TEST(RefusalTest, AnAcceptanceLiftsTheMemoryOfARefusal) {
  Pipeline p;
  for (int i = 0; i < 3; ++i) {
    p.tenant->AddLogs(1);
    p.segment->before_accept = [](int, const auto&) { return RefusedBatch(); };
    EXPECT_EQ(p.Run().state, RunState::kSucceeded) << i;
    p.tenant->AddLogs(1);
    p.segment->before_accept = nullptr;
    EXPECT_EQ(p.Run().state, RunState::kSucceeded) << i;
  }
  EXPECT_THAT(p.dead_letters(), SizeIs(3));
}

TEST(RefusalTest, AnotherDestinationHasRefusedNothingYet) {
  Pipeline p;
  p.tenant->AddLogs(10);
  p.segment->before_accept = [](int, const auto&) { return RefusedBatch(); };
  const auto run_to = [&](const std::string& url, const std::string& key) {
    return p
        .Run([&](RunRecord& run, ExporterSettings& settings) {
          run.parameters.max_logs = 1;
          settings.segment.base_url = url;
          settings.segment.write_key = key;
        })
        .state;
  };
  EXPECT_EQ(run_to("https://a", "1"), RunState::kSucceeded);
  EXPECT_EQ(run_to("https://a", "1"), RunState::kFailed);
  EXPECT_EQ(run_to("https://b", "1"), RunState::kSucceeded);
  EXPECT_EQ(run_to("https://b", "1"), RunState::kFailed);
  EXPECT_EQ(run_to("https://b", "2"), RunState::kSucceeded);
  EXPECT_THAT(p.dead_letters(), SizeIs(3));
}

// What is dead-lettered and that Segment refuses are remembered together.
TEST(RefusalTest, ARefusalIsRememberedByTheCommitOfItsDeadLetter) {
  Pipeline p;
  p.tenant->AddLogs(1);
  p.segment->before_accept = [](int, const auto&) { return RefusedBatch(); };
  const auto refused_by = [&] {
    std::string value;
    EXPECT_TRUE(p.store()
                    .Read([&](Transaction& tx) -> absl::Status {
                      absl::StatusOr<ExporterRecord> record = tx.GetExporter("default");
                      if (record.ok()) value = record->refused_by;
                      return record.status();
                    })
                    .ok());
    return value;
  };
  // The process dies before the end of the run is on record.
  EXPECT_EQ(p.Prepare()->Execute().run.state, RunState::kSucceeded);
  EXPECT_THAT(p.dead_letters(), SizeIs(1));
  EXPECT_EQ(refused_by(), DestinationOf(SegmentSettings()));
}

// Nothing else to send could show whether Segment accepts, and the run must not wait for it.
TEST(RefusalTest, OneRefusedLogBeforeManyThatAreFilteredIsADeadLetter) {
  Pipeline p;
  p.tenant->AddLogs(1000);
  const std::vector<std::string> ids = p.tenant->ids();
  p.mapper.filter.insert(ids.begin() + 1, ids.end() - 1);
  p.segment->before_accept = [&](int, const auto& sent) {
    return sent == std::vector{ids.front()} ? RefusedBatch() : absl::OkStatus();
  };
  const RunRecord run = p.Run();
  EXPECT_EQ(run.state, RunState::kSucceeded);
  EXPECT_EQ(run.ledger.logs.dead_lettered, 1);
  EXPECT_EQ(run.ledger.logs.filtered, 998);
  EXPECT_EQ(run.ledger.logs.accepted, 1);
}

TEST(RefusalTest, ASegmentThatRefusesTheFewLogsAmongManyFilteredMakesOneDeadLetterAtMost) {
  Pipeline p;
  p.tenant->AddLogs(1000);
  const std::vector<std::string> ids = p.tenant->ids();
  p.mapper.filter.insert(ids.begin() + 1, ids.end() - 1);
  p.segment->before_accept = [](int, const auto&) { return RefusedBatch(); };
  const RunRecord run = p.Run();
  EXPECT_EQ(run.state, RunState::kFailed);
  EXPECT_EQ(run.error->reason, "SEGMENT_REFUSES");
  EXPECT_EQ(run.ledger.logs.dead_lettered, 1);
  EXPECT_EQ(p.checkpoint().position.id, ids[ids.size() - 2]);
}

TEST(RefusalTest, SegmentRefusesWhenAllThatCouldBeSentAheadWasRefused) {
  Pipeline p;
  p.tenant->AddLogs(100);
  p.segment->batch_limits = {1, 1000};
  p.segment->before_accept = [](int, const auto&) { return RefusedBatch(); };
  const RunRecord run = p.Run([](RunRecord&, ExporterSettings& s) { s.segment.max_in_flight = 1; });
  EXPECT_EQ(run.error->reason, "SEGMENT_REFUSES");
  EXPECT_EQ(run.ledger.logs.dead_lettered, 0);
  EXPECT_EQ(p.checkpoint().position.id, "id");
}

}  // namespace
}  // namespace logexport
