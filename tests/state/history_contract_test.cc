#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

#include "tests/state/audit_contract.h"
#include "tests/state/store_contract.h"

namespace logexport {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::IsEmpty;

const std::vector<HistoryKind> kAllKinds = {HistoryKind::kRun, HistoryKind::kCheckpoint,
                                            HistoryKind::kConfiguration, HistoryKind::kPause,
                                            HistoryKind::kAudit};

std::string Name(const HistoryRecord& record) {
  switch (record.kind) {
    case HistoryKind::kRun:
      return absl::StrCat("run ", record.run_id);
    case HistoryKind::kCheckpoint:
      return absl::StrCat("checkpoint ", record.number);
    case HistoryKind::kConfiguration:
      return absl::StrCat("config ", record.number);
    case HistoryKind::kPause:
      return absl::StrCat("pause ", record.number);
    case HistoryKind::kAudit:
      return absl::StrCat("audit ", record.number);
  }
  return "";
}

std::vector<std::string> Names(const absl::StatusOr<std::vector<HistoryRecord>>& records) {
  EXPECT_THAT(records, IsOk());
  std::vector<std::string> names;
  if (!records.ok()) return names;
  for (const HistoryRecord& record : *records) names.push_back(Name(record));
  return names;
}

class HistoryFixture {
 public:
  // Two moments, in each of which everything happens; another exporter has a life of its own.
  static absl::Status Live(Transaction& tx) {
    NewExporter other = SomeExporter("other");
    if (auto status = tx.CreateExporter(other, false); !status.ok()) return status;
    for (int moment = 0; moment < 2; ++moment) {
      const absl::Time now = FakeClock::DefaultStart() + (1 + moment) * absl::Minutes(1);
      RunRecord run = SomeRun(absl::StrCat("r", moment));
      run.created = now;
      run.state = RunState::kFailed;
      run.error = RunError{"AUTH0", "AUTH0_UNAVAILABLE", "", "", true};
      run.ledger.logs.accepted = 7;
      if (auto added = tx.AddRun(run); !added.ok()) return added.status();
      run.exporter = "other";
      run.run_id = absl::StrCat("o", moment);
      if (auto added = tx.AddRun(run); !added.ok()) return added.status();
      auto set = tx.SetCheckpoint(
          "default", {Position::Kind::kAt, absl::StrCat("20", moment), absl::UnixEpoch()}, now,
          {"ada", true, "replay"});
      if (!set.ok()) return set.status();
      auto config = tx.GetConfig("default");
      if (!config.ok()) return config.status();
      config->created = now;
      config->changed_fields = {"schedule.cron", "filter.types"};
      config->rollback_of = moment;
      config->audit = {"ada", true, "less often"};
      if (auto v = tx.AddConfigVersion(*config, config->version); !v.ok()) return v.status();
      AuditEntry entry = SomeEntry("PauseExporter");
      entry.time = now;
      entry.outcome = AuditOutcome::kDone;
      entry.error_reason = "";
      if (auto added = tx.AddAudit(entry); !added.ok()) return added.status();
      // Told by the version that it stored.
      entry.method = "UpdateConfig";
      if (auto added = tx.AddAudit(entry); !added.ok()) return added.status();
      entry.outcome = AuditOutcome::kRefused;
      entry.error_reason = "ROLE_REQUIRED";
      if (auto added = tx.AddAudit(entry); !added.ok()) return added.status();
      // Concerns no single exporter, so it stands in the history of each.
      entry.method = "Login";
      entry.exporter = "";
      if (auto added = tx.AddAudit(entry); !added.ok()) return added.status();
    }
    return absl::OkStatus();
  }
};

TEST_P(AuditContractTest, EverythingIsOnOneTimeLine) {
  ASSERT_THAT(Write(HistoryFixture::Live), IsOk());
  HistoryFilter filter;
  filter.exporter = "default";
  filter.kinds = kAllKinds;
  ASSERT_OK_AND_ASSIGN(const std::vector<HistoryRecord> all,
                       InRead([&](Transaction& tx) { return tx.ListHistory(filter, 100, {}); }));
  const std::vector<std::string> names = {
      "run r1", "checkpoint 3", "config 3", "pause 5", "audit 8", "audit 7",  //
      "run r0", "checkpoint 2", "config 2", "pause 1", "audit 4", "audit 3", "config 1"};
  EXPECT_THAT(Names(all), ElementsAreArray(names));
  EXPECT_EQ(all[0].state, RunState::kFailed);
  EXPECT_EQ(all[0].error_reason, "AUTH0_UNAVAILABLE");
  EXPECT_EQ(all[0].accepted, 7);
  EXPECT_EQ(DescribePosition(all[1].before), "at 200");
  EXPECT_EQ(DescribePosition(all[1].after), "at 201");
  EXPECT_EQ(all[1].audit.requester, "ada");
  EXPECT_EQ(all[1].audit.reason, "replay");
  EXPECT_THAT(all[2].changed_fields, ElementsAre("schedule.cron", "filter.types"));
  EXPECT_EQ(all[2].rollback_of, 1);
  EXPECT_EQ(all[3].method, "PauseExporter");
  EXPECT_EQ(all[4].method, "Login");
  EXPECT_EQ(all[5].outcome, "REFUSED");
  EXPECT_EQ(all[5].error_reason, "ROLE_REQUIRED");

  // Page by page it is the same, wherever a page ends.
  for (int size = 1; size <= 5; ++size) {
    std::vector<std::string> paged;
    HistoryPlace behind;
    for (;;) {
      ASSERT_OK_AND_ASSIGN(const std::vector<HistoryRecord> page, InRead([&](Transaction& tx) {
                             return tx.ListHistory(filter, size, behind);
                           }));
      for (const HistoryRecord& record : page) paged.push_back(Name(record));
      if (page.empty()) break;
      behind = {page.back().time, page.back().kind, page.back().number};
    }
    EXPECT_THAT(paged, ElementsAreArray(names)) << size;
  }
}

TEST_P(AuditContractTest, OnlyWhatTheFilterOfTheHistoryAsksForIsThere) {
  ASSERT_THAT(Write(HistoryFixture::Live), IsOk());
  HistoryFilter filter;
  filter.exporter = "default";
  const auto listed = [&] {
    return Names(InRead([&](Transaction& tx) { return tx.ListHistory(filter, 100, {}); }));
  };
  EXPECT_THAT(listed(), IsEmpty());
  filter.kinds = {HistoryKind::kPause, HistoryKind::kRun};
  EXPECT_THAT(listed(), ElementsAre("run r1", "pause 5", "run r0", "pause 1"));
  filter.from = FakeClock::DefaultStart() + absl::Minutes(2);
  EXPECT_THAT(listed(), ElementsAre("run r1", "pause 5"));
  filter.to = filter.from;
  filter.from.reset();
  EXPECT_THAT(listed(), ElementsAre("run r0", "pause 1"));
  filter.exporter = "other";
  filter.kinds = kAllKinds;
  EXPECT_THAT(listed(), ElementsAre("run o0", "audit 4", "config 1"));
}

}  // namespace
}  // namespace logexport
