#include "tests/state/store_contract.h"

#include "service/state/engines/open_store.h"

namespace logexport {

void OwnAll(Store& store) {
  Members* const members = store.members();
  if (members == nullptr) return;
  auto situation = members->Look(/*most_free=*/100'000);
  ASSERT_THAT(situation, IsOk());
  ASSERT_THAT(members->Take(situation->free), IsOk());
}

std::int64_t StoredVersion(Transaction& tx) {
  auto checkpoint = tx.GetCheckpoint("default");
  return checkpoint.ok() ? checkpoint->version : 0;
}

NewExporter SomeExporter(const std::string& id) {
  NewExporter exporter;
  exporter.record.id = id;
  exporter.record.message_namespace = "0123456789abcdef";
  exporter.record.created = FakeClock::DefaultStart();
  exporter.config = R"({"schedule":"@every 5m"})";
  exporter.start = {Position::Kind::kAfter, "100", absl::UnixEpoch()};
  exporter.audit = {"alice", true, "set up"};
  return exporter;
}

RunRecord SomeRun(const std::string& run_id, const std::string& exporter) {
  RunRecord run;
  run.run_id = run_id;
  run.exporter = exporter;
  run.created = FakeClock::DefaultStart();
  return run;
}

DeadLetter SomeDeadLetter(const std::string& log_id) {
  DeadLetter letter;
  letter.exporter = "default";
  letter.log_id = log_id;
  letter.log_type = "s";
  letter.log_time = FakeClock::DefaultStart();
  letter.reason = "EVENT_TOO_LARGE";
  letter.message = "32 KB at most";
  letter.raw = R"({"log_id":")" + log_id + R"("})";
  letter.recorded = FakeClock::DefaultStart();
  return letter;
}

DeadLetterFilter DeadLettersOf(const std::string& exporter) {
  DeadLetterFilter filter;
  filter.exporter = exporter;
  return filter;
}

RunFilter RunsOf(const std::string& exporter) {
  RunFilter filter;
  filter.exporter = exporter;
  return filter;
}

StoreContractTest::StoreContractTest() : place_(GetParam().make_place()) {
  Reopen();
  EXPECT_THAT(Write([](Transaction& tx) {
                return tx.CreateExporter(SomeExporter("default"), /*revive=*/false);
              }),
              IsOk());
  OwnAll(*store_);
}

void StoreContractTest::Reopen() {
  store_.reset();
  StoreOptions options;
  options.url = place_->url();
  options.fault = [this](absl::string_view operation) {
    return fault_ ? fault_(operation) : absl::OkStatus();
  };
  auto store = OpenStore(options, clock_);
  if (!store.ok()) {
    ADD_FAILURE() << store.status();
    std::abort();
  }
  store_ = *std::move(store);
  OwnAll(*store_);
}

RunRecord StoreContractTest::AddRunningRun(const std::string& run_id) {
  RunRecord run = SomeRun(run_id);
  run.state = RunState::kRunning;
  run.epoch = store_->EpochOf("default");
  run.started = clock_.Now();
  auto added = InWrite([&](Transaction& tx) { return tx.AddRun(run); });
  EXPECT_THAT(added, IsOk());
  return added.ok() ? *added : run;
}

ProgressCommit StoreContractTest::CommitOf(const RunRecord& run, std::int64_t expected_version,
                                           const std::string& log_id) {
  ProgressCommit commit;
  commit.run = &run;
  commit.epoch = run.epoch;
  commit.expected_version = expected_version;
  commit.position = {Position::Kind::kAfter, log_id, absl::UnixEpoch()};
  return commit;
}

Checkpoint StoreContractTest::StoredCheckpoint(const std::string& exporter) {
  auto checkpoint = InRead([&](Transaction& tx) { return tx.GetCheckpoint(exporter); });
  EXPECT_THAT(checkpoint, IsOk());
  return checkpoint.ok() ? *checkpoint : Checkpoint();
}

RunRecord StoreContractTest::StoredRun(const std::string& run_id, const std::string& exporter) {
  auto run = InRead([&](Transaction& tx) { return tx.GetRun(exporter, run_id); });
  EXPECT_THAT(run, IsOk());
  return run.ok() ? *run : RunRecord();
}

}  // namespace logexport
