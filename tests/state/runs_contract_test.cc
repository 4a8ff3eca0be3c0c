#include <vector>

#include "absl/strings/str_cat.h"

#include "tests/state/store_contract.h"

namespace logexport {
namespace {

using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Every field different from its default and from its neighbours.
RunRecord FullRun() {
  const absl::Time base = FakeClock::DefaultStart();
  RunRecord run = SomeRun("full");
  run.parameters.kind = RunKind::kWindow;
  run.parameters.max_logs = 11;
  run.parameters.max_duration = absl::Minutes(12);
  run.parameters.window = TimeWindow{base - absl::Hours(2), base - absl::Hours(1)};
  run.parameters.new_message_ids = true;
  run.parameters.dead_letter_ids = {"l1", "l\"2"};
  run.parameters.dead_letter_reasons = {"R"};
  run.parameters.dead_letter_types = {"s", "f"};
  run.state = RunState::kFailed;
  run.stop_reason = StopReason::kError;
  run.trigger = Trigger::kReplay;
  run.audit = {"erin", true, "look again"};
  run.config_version = 13;
  run.epoch = 14;
  run.created = base;
  run.started = base + absl::Seconds(1);
  run.ended = base + absl::Seconds(2);
  run.checkpoint_before = {Position::Kind::kTime, "", base - absl::Hours(3)};
  run.checkpoint_after = {Position::Kind::kAfter, "900", absl::UnixEpoch()};
  run.first_unsettled = "901";
  run.first_log_time = base - absl::Minutes(3);
  run.last_log_time = base - absl::Minutes(2);
  run.window_cursor = "902";
  run.new_logs = 17;
  run.ledger.logs = {.fetched = 100, .accepted = 60, .filtered = 20, .dead_lettered = 5};
  run.ledger.unsettled = 15;
  run.ledger.accepted_ahead = 7;
  run.ledger.events_accepted = 61;
  run.ledger.by_type["s"] = {.fetched = 70, .accepted = 50, .filtered = 5, .dead_lettered = 5};
  run.ledger.by_type[""] = {.fetched = 30, .accepted = 10, .filtered = 15, .dead_lettered = 0};
  run.ledger.filtered_by_reason = {{"LEVEL", 8}, {"TYPE", 12}};
  run.pages = 21;
  run.batches = 22;
  run.bytes_sent = std::int64_t{1} << 40;
  run.auth0_calls = 23;
  run.segment_calls = 24;
  run.retries = 25;
  run.limit_wait = absl::Milliseconds(2600);
  run.message_generation = 3;
  run.warnings = {{"RETENTION_GAP", "logs \"may\" be gone\n", 2}, {"CLOCK_SKEW", "", 1}};
  run.error =
      RunError{"SEGMENT", "SEGMENT_REFUSES", "400 \xe2\x9d\x97", "look at the events", true};
  run.idle_runs = 28;
  run.idle_time = absl::Milliseconds(2900);
  run.last_idle_run = "full-30";
  run.commit_version = 27;
  return run;
}

void ExpectEqual(const RunRecord& a, const RunRecord& b) {
  EXPECT_EQ(a.run_id, b.run_id);
  EXPECT_EQ(a.exporter, b.exporter);
  EXPECT_EQ(a.sequence, b.sequence);
  EXPECT_EQ(a.parameters, b.parameters);
  EXPECT_EQ(a.state, b.state);
  EXPECT_EQ(a.stop_reason, b.stop_reason);
  EXPECT_EQ(a.trigger, b.trigger);
  EXPECT_EQ(a.audit.requester, b.audit.requester);
  EXPECT_EQ(a.audit.verified, b.audit.verified);
  EXPECT_EQ(a.audit.reason, b.audit.reason);
  EXPECT_EQ(a.config_version, b.config_version);
  EXPECT_EQ(a.epoch, b.epoch);
  EXPECT_EQ(a.created, b.created);
  EXPECT_EQ(a.started, b.started);
  EXPECT_EQ(a.ended, b.ended);
  EXPECT_EQ(a.idle_runs, b.idle_runs);
  EXPECT_EQ(a.idle_time, b.idle_time);
  EXPECT_EQ(a.last_idle_run, b.last_idle_run);
  EXPECT_EQ(a.checkpoint_before, b.checkpoint_before);
  EXPECT_EQ(a.checkpoint_after, b.checkpoint_after);
  EXPECT_EQ(a.first_unsettled, b.first_unsettled);
  EXPECT_EQ(a.first_log_time, b.first_log_time);
  EXPECT_EQ(a.last_log_time, b.last_log_time);
  EXPECT_EQ(a.window_cursor, b.window_cursor);
  EXPECT_EQ(a.new_logs, b.new_logs);
  EXPECT_EQ(a.ledger, b.ledger);
  EXPECT_EQ(a.pages, b.pages);
  EXPECT_EQ(a.batches, b.batches);
  EXPECT_EQ(a.bytes_sent, b.bytes_sent);
  EXPECT_EQ(a.auth0_calls, b.auth0_calls);
  EXPECT_EQ(a.segment_calls, b.segment_calls);
  EXPECT_EQ(a.retries, b.retries);
  EXPECT_EQ(a.limit_wait, b.limit_wait);
  EXPECT_EQ(a.message_generation, b.message_generation);
  EXPECT_EQ(a.commit_version, b.commit_version);
  ASSERT_EQ(a.warnings.size(), b.warnings.size());
  for (std::size_t i = 0; i < a.warnings.size(); ++i) {
    EXPECT_EQ(a.warnings[i].code, b.warnings[i].code);
    EXPECT_EQ(a.warnings[i].message, b.warnings[i].message);
    EXPECT_EQ(a.warnings[i].count, b.warnings[i].count);
  }
  ASSERT_EQ(a.error.has_value(), b.error.has_value());
  if (!a.error.has_value()) return;
  EXPECT_EQ(a.error->origin, b.error->origin);
  EXPECT_EQ(a.error->reason, b.error->reason);
  EXPECT_EQ(a.error->message, b.error->message);
  EXPECT_EQ(a.error->action, b.error->action);
  EXPECT_EQ(a.error->retryable, b.error->retryable);
}

TEST_P(StoreContractTest, ARunKeepsEveryFieldOverAReopen) {
  const RunRecord full = FullRun();
  ASSERT_OK_AND_ASSIGN(const RunRecord added,
                       InWrite([&](Transaction& tx) { return tx.AddRun(full); }));
  EXPECT_GT(added.sequence, 0);
  Reopen();
  ExpectEqual(StoredRun("full"), added);
  ASSERT_OK_AND_ASSIGN(const std::vector<RunRecord> listed,
                       InRead([](Transaction& tx) { return tx.ListRuns(RunsOf("default"), {}); }));
  ASSERT_EQ(listed.size(), 1u);
  ExpectEqual(listed[0], added);
}

TEST_P(StoreContractTest, AnUpdateReplacesEverythingButWhatIdentifiesARun) {
  ASSERT_OK_AND_ASSIGN(const RunRecord added,
                       InWrite([](Transaction& tx) { return tx.AddRun(SomeRun("full")); }));
  RunRecord update = FullRun();
  update.created += absl::Hours(9);
  ASSERT_THAT(InWrite([&](Transaction& tx) { return tx.UpdateRun(update); }), IsOk());
  update.created = added.created;
  update.sequence = added.sequence;
  ExpectEqual(StoredRun("full"), update);

  RunRecord empty = SomeRun("full");
  empty.sequence = added.sequence;
  ASSERT_THAT(InWrite([&](Transaction& tx) { return tx.UpdateRun(empty); }), IsOk());
  ExpectEqual(StoredRun("full"), empty);
}

TEST_P(StoreContractTest, ACommitReplacesTheProgressOfARunAndNothingElse) {
  const RunRecord running = AddRunningRun("r1");
  RunRecord run = FullRun();
  run.run_id = "r1";
  run.epoch = running.epoch;
  ASSERT_THAT(InWrite([&](Transaction& tx) { return tx.CommitProgress(CommitOf(run, 1, "900")); }),
              IsOk());
  RunRecord expected = running;
  expected.checkpoint_after = run.checkpoint_after;
  expected.first_unsettled = run.first_unsettled;
  expected.first_log_time = run.first_log_time;
  expected.last_log_time = run.last_log_time;
  expected.window_cursor = run.window_cursor;
  expected.new_logs = run.new_logs;
  expected.ledger = run.ledger;
  expected.pages = run.pages;
  expected.batches = run.batches;
  expected.bytes_sent = run.bytes_sent;
  expected.auth0_calls = run.auth0_calls;
  expected.segment_calls = run.segment_calls;
  expected.retries = run.retries;
  expected.limit_wait = run.limit_wait;
  expected.warnings = run.warnings;
  expected.commit_version = run.commit_version;
  ExpectEqual(StoredRun("r1"), expected);
}

TEST_P(StoreContractTest, InfiniteTimesAndDurationsComeBack) {
  RunRecord run = SomeRun("r1");
  run.parameters.max_duration = absl::InfiniteDuration();
  run.started = absl::InfinitePast();
  run.ended = absl::InfiniteFuture();
  ASSERT_THAT(InWrite([&](Transaction& tx) { return tx.AddRun(run); }), IsOk());
  const RunRecord stored = StoredRun("r1");
  EXPECT_EQ(stored.parameters.max_duration, absl::InfiniteDuration());
  EXPECT_EQ(stored.started, absl::InfinitePast());
  EXPECT_EQ(stored.ended, absl::InfiniteFuture());
}

TEST_P(StoreContractTest, TextThatIsNoUtf8IsKeptReadable) {
  RunRecord run = SomeRun("r1");
  run.ledger.by_type["bad\xff"] = {.fetched = 1, .accepted = 1, .filtered = 0, .dead_lettered = 0};
  run.ledger.filtered_by_reason["\xfe"] = 2;
  run.warnings = {{"CODE", std::string("nul\0 and \xff", 10), 1}};
  ASSERT_THAT(InWrite([&](Transaction& tx) { return tx.AddRun(run); }), IsOk());
  const RunRecord stored = StoredRun("r1");
  EXPECT_EQ(stored.ledger.by_type.at("bad\xef\xbf\xbd").fetched, 1);
  EXPECT_EQ(stored.ledger.filtered_by_reason.at("\xef\xbf\xbd"), 2);
  EXPECT_EQ(stored.warnings[0].message, std::string("nul\0 and \xef\xbf\xbd", 12));
}

TEST_P(StoreContractTest, RunsAreNumberedInTheOrderOfTheirCreationAcrossExporters) {
  ASSERT_THAT(InWrite([](Transaction& tx) { return tx.CreateExporter(SomeExporter("b"), false); }),
              IsOk());
  std::int64_t last = 0;
  for (const auto& [id, exporter] : {std::pair("r1", "default"), {"r1", "b"}, {"r2", "default"}}) {
    ASSERT_OK_AND_ASSIGN(const RunRecord added, InWrite([&, e = exporter, i = id](Transaction& tx) {
                           return tx.AddRun(SomeRun(i, e));
                         }));
    EXPECT_GT(added.sequence, last);
    last = added.sequence;
  }
  // Without an exporter in the filter, all of them.
  ASSERT_OK_AND_ASSIGN(const std::vector<RunRecord> all,
                       InRead([](Transaction& tx) { return tx.ListRuns(RunFilter(), {}); }));
  EXPECT_THAT(all, ElementsAre(Field(&RunRecord::run_id, "r2"), Field(&RunRecord::exporter, "b"),
                               Field(&RunRecord::exporter, "default")));
  EXPECT_THAT(InRead([](Transaction& tx) { return tx.CountRuns(RunFilter()); }),
              IsOkAndHolds(Field(&Total::value, 3)));
}

TEST_P(StoreContractTest, ARunIdIsTakenOnce) {
  ASSERT_THAT(InWrite([](Transaction& tx) { return tx.AddRun(SomeRun("r1")); }), IsOk());
  EXPECT_THAT(InWrite([](Transaction& tx) { return tx.AddRun(SomeRun("r1")); }),
              StatusIs(absl::StatusCode::kAlreadyExists));
}

TEST_P(StoreContractTest, ARunThatIsNotThereIsNotFound) {
  EXPECT_THAT(InRead([](Transaction& tx) { return tx.GetRun("default", "r9"); }),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("'r9'")));
  EXPECT_THAT(InWrite([](Transaction& tx) { return tx.UpdateRun(SomeRun("r9")); }),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("'r9'")));
}

TEST_P(StoreContractTest, UnfinishedRunsAreTheQueuedAndRunningOnesOldestFirst) {
  int number = 0;
  for (const RunState state : {RunState::kSucceeded, RunState::kRunning, RunState::kFailed,
                               RunState::kQueued, RunState::kRunning, RunState::kCancelled}) {
    RunRecord run = SomeRun("r" + std::to_string(number++));
    run.state = state;
    ASSERT_THAT(InWrite([&](Transaction& tx) { return tx.AddRun(run); }), IsOk());
  }
  EXPECT_THAT(
      InRead([](Transaction& tx) { return tx.UnfinishedRuns("default"); }),
      IsOkAndHolds(ElementsAre(Field(&RunRecord::run_id, "r1"), Field(&RunRecord::run_id, "r3"),
                               Field(&RunRecord::run_id, "r4"))));
  EXPECT_THAT(InRead([](Transaction& tx) { return tx.UnfinishedRuns("other"); }),
              IsOkAndHolds(IsEmpty()));
}

TEST_P(StoreContractTest, PagesStayStableWhileRunsAreAdded) {
  const auto add = [this](int number) {
    ASSERT_THAT(
        InWrite([&](Transaction& tx) { return tx.AddRun(SomeRun("r" + std::to_string(number))); }),
        IsOk());
  };
  for (int i = 0; i < 10; ++i) add(i);
  std::vector<std::string> seen;
  PageRequest page{.size = 3, .before = 0};
  for (int added = 10;; ++added) {
    ASSERT_OK_AND_ASSIGN(const std::vector<RunRecord> runs, InRead([&](Transaction& tx) {
                           return tx.ListRuns(RunsOf("default"), page);
                         }));
    for (const RunRecord& run : runs) seen.push_back(run.run_id);
    if (runs.size() < 3) break;
    page.before = runs.back().sequence;
    add(added);
  }
  EXPECT_THAT(seen, ElementsAre("r9", "r8", "r7", "r6", "r5", "r4", "r3", "r2", "r1", "r0"));
}

TEST_P(StoreContractTest, AClockSetBackDoesNotHideRunsFromAFilterByTime) {
  const absl::Time start = clock_.Now();
  for (const int hour : {0, 1, 2, -5, 1, 3}) {
    RunRecord run = SomeRun(absl::StrCat("h", hour, "-", absl::ToUnixNanos(absl::Now())));
    run.created = start + absl::Hours(hour);
    ASSERT_THAT(InWrite([&](Transaction& tx) { return tx.AddRun(run); }), IsOk());
  }
  RunFilter filter = RunsOf("default");
  const auto count = [&] {
    auto total = InRead([&](Transaction& tx) { return tx.CountRuns(filter); });
    return total.ok() ? total->value : -1;
  };
  filter.created_from = start + absl::Hours(2);
  EXPECT_EQ(count(), 4);  // those at -5 and 1 count as of 2: they came later
  filter.created_to = start + absl::Hours(3);
  EXPECT_EQ(count(), 3);
  filter.created_from = start - absl::Hours(9);
  filter.created_to = start;
  EXPECT_EQ(count(), 0);
  // The record itself tells what the clock said.
  ASSERT_OK_AND_ASSIGN(const std::vector<RunRecord> runs,
                       InRead([](Transaction& tx) { return tx.ListRuns(RunsOf("default"), {}); }));
  EXPECT_EQ(runs[2].created, start - absl::Hours(5));
}

}  // namespace
}  // namespace logexport
