#ifndef LOGEXPORT_TESTS_STATE_SETTLED_LOGS_CONTRACT_H_
#define LOGEXPORT_TESTS_STATE_SETTLED_LOGS_CONTRACT_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "service/state/settled_logs.h"
#include "tests/state/store_contract.h"

namespace logexport {

// What every store must remember of settled logs.
class SettledLogsContractTest : public StoreContractTest {
 protected:
  // Commits of one export run, which began behind "100".
  absl::Status Commit(const std::string& position, std::vector<SettledLogs> settled,
                      std::optional<std::string> remembers_from = "100") {
    if (run_.run_id.empty()) run_ = AddRunningRun("r1");
    ++run_.commit_version;
    return Write([&](Transaction& tx) -> absl::Status {
      ProgressCommit commit = CommitOf(run_, StoredVersion(tx), position);
      commit.settled = std::move(settled);
      commit.forgets = !remembers_from.has_value();
      commit.remembers_from = std::move(remembers_from);
      return tx.CommitProgress(commit).status();
    });
  }

  std::optional<CompletenessRecord> Completeness() {
    auto record = InRead([](Transaction& tx) { return tx.GetCompleteness("default"); });
    EXPECT_THAT(record, IsOk());
    return record.ok() ? *record : std::nullopt;
  }

  std::vector<LogIdHash> Remembered(absl::Time first, absl::Time last) {
    auto ids = InRead([&](Transaction& tx) { return tx.RememberedIds("default", first, last); });
    EXPECT_THAT(ids, IsOk());
    return ids.ok() ? *ids : std::vector<LogIdHash>();
  }

  std::vector<RememberedStretch> Stretches(absl::Time from, int size = 1000) {
    auto stretches =
        InRead([&](Transaction& tx) { return tx.ListRemembered("default", from, size); });
    EXPECT_THAT(stretches, IsOk());
    return stretches.ok() ? *stretches : std::vector<RememberedStretch>();
  }

  void SetCheckpoint(const Position& position) {
    EXPECT_THAT(InWrite([&](Transaction& tx) {
                  return tx.SetCheckpoint("default", position, clock_.Now(), {});
                }),
                IsOk());
    // The run that was active ends with its next commit.
    run_ = AddRunningRun("r" + std::to_string(++runs_));
  }

  RunRecord run_;
  int runs_ = 1;
};

}  // namespace logexport

#endif  // LOGEXPORT_TESTS_STATE_SETTLED_LOGS_CONTRACT_H_
