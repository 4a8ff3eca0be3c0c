#include "tests/crash/stored_state.h"

#include <filesystem>
#include <memory>
#include <utility>

#include <gtest/gtest.h>

#include "service/base/clock.h"
#include "service/base/status_macros.h"
#include "service/state/engines/open_store.h"
#include "service/state/store.h"

namespace logexport {
namespace {

constexpr char kExporter[] = "default";
constexpr int kMostRuns = 10'000;

absl::StatusOr<StoredState> Read(const std::string& path) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Store> store,
                   OpenStore({"sqlite:" + path, {}}, RealClock()));
  StoredState state;
  RETURN_IF_ERROR(store->Read([&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(state.exporter, tx.GetExporter(kExporter));
    ASSIGN_OR_RETURN(state.checkpoint, tx.GetCheckpoint(kExporter));
    RunFilter runs;
    runs.exporter = kExporter;
    ASSIGN_OR_RETURN(std::vector<RunRecord> all, tx.ListRuns(runs, {kMostRuns, 0}));
    for (RunRecord& run : all) {
      const bool again = run.parameters.kind == RunKind::kCompleteness;
      (again ? state.completeness : state.runs).push_back(std::move(run));
    }
    DeadLetterFilter letters;
    letters.exporter = kExporter;
    ASSIGN_OR_RETURN(const std::vector<DeadLetter> found,
                     tx.ListDeadLetters(letters, kMostRuns, ""));
    for (const DeadLetter& letter : found) state.dead_letters.insert(letter.log_id);
    ASSIGN_OR_RETURN(const std::optional<absl::Time> message, tx.NextOutbox());
    state.has_unsent_message = message.has_value();
    return absl::OkStatus();
  }));
  return state;
}

}  // namespace

std::int64_t StoredState::settled() const {
  std::int64_t logs = 0;
  for (const RunRecord& run : runs) logs += run.ledger.logs.settled();
  return logs;
}

std::optional<StoredState> ReadStoredState(const std::string& path) {
  if (!std::filesystem::exists(path)) return std::nullopt;
  const std::string directory = path + ".copy";
  std::filesystem::create_directory(directory);
  const std::string copy = directory + "/state.db";
  for (const char* suffix : {"", "-wal"}) {
    if (std::filesystem::exists(path + suffix)) {
      std::filesystem::copy_file(path + suffix, copy + suffix);
    }
  }
  absl::StatusOr<StoredState> state = Read(copy);
  std::filesystem::remove_all(directory);
  if (absl::IsNotFound(state.status())) return std::nullopt;
  if (!state.ok()) {
    ADD_FAILURE() << "the state of the dead service cannot be read: " << state.status();
    return std::nullopt;
  }
  return *std::move(state);
}

}  // namespace logexport
