#include "service/export/run_memory.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_set.h"

#include "service/base/status_macros.h"
#include "service/export/log.h"

namespace logexport {
namespace {

// Logs that were older than the greatest age by so much when they were read are not remembered.
// After an interruption that long, stretches that waited to be read again are given up.
constexpr absl::Duration kLongestInterruption = absl::Hours(72);

std::int64_t CountOf(const std::vector<SettledLogs>& settled) {
  std::int64_t count = 0;
  for (const SettledLogs& hour : settled) count += static_cast<std::int64_t>(hour.logs.size());
  return count;
}

// Logs without any time are filed under this hour.
bool HasTime(const SettledLogs& settled) { return settled.hour > 0; }

}  // namespace

RunMemory::RunMemory(Store& store, Options options) : store_(store), options_(std::move(options)) {}

absl::Status RunMemory::Load(const std::string& exporter) {
  if (loaded_) return absl::OkStatus();
  RETURN_IF_ERROR(store_.Read([&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(record_, tx.GetCompleteness(exporter));
    return absl::OkStatus();
  }));
  loaded_ = true;
  return absl::OkStatus();
}

absl::Status RunMemory::Complete(const Position& from, std::vector<SettledLogs> settled,
                                 RunRecord* run, ProgressCommit* commit) {
  const RunKind kind = run->parameters.kind;
  const bool moves_checkpoint = kind == RunKind::kExport;
  if (!options_.enabled) {
    commit->forgets = moves_checkpoint;
    return absl::OkStatus();
  }
  if (!moves_checkpoint && kind != RunKind::kWindow && kind != RunKind::kCompleteness) {
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(Load(run->exporter));

  std::string after = from.resolved() ? from.id : "";
  if (moves_checkpoint) {
    const std::optional<Position> began = options_.began_at();
    if (began.has_value() && began->resolved()) {
      commit->remembers_from = began->id;
      if (!from.resolved()) after = began->id;
    }
  } else if (!record_.has_value()) {
    return absl::OkStatus();
  }
  const std::optional<absl::Time> floor =
      record_.has_value() ? TimeOfLogId(record_->floor) : std::nullopt;
  if (floor.has_value()) {
    // Below the floor nobody asks for them.
    std::erase_if(settled, [hour = HourOf(floor).hour](const SettledLogs& logs) {
      return HasTime(logs) && logs.hour < hour;
    });
  }
  if (moves_checkpoint && (!record_.has_value() || after >= record_->reached)) {
    // These logs are above all that were ever settled.
    std::erase_if(settled, [&](const SettledLogs& logs) {
      const bool old = HasTime(logs) && logs.age >= options_.greatest_age + kLongestInterruption;
      if (old) {
        commit->raises_floor_to = std::max(
            commit->raises_floor_to, SyntheticLogId(absl::FromUnixSeconds((logs.hour + 1) * 3600)));
      }
      return old;
    });
  } else if (!settled.empty()) {
    RETURN_IF_ERROR(LeaveOutRemembered(store_, run->exporter, &settled));
  }
  if (kind == RunKind::kWindow && run->parameters.window.has_value() &&
      run->parameters.window->start >= floor.value_or(absl::InfinitePast())) {
    run->new_logs = run->new_logs.value_or(0) + CountOf(settled);
  }
  commit->settled = std::move(settled);
  if (moves_checkpoint && record_.has_value()) {
    record_->reached = std::max(record_->reached, commit->position.id);
  }
  return absl::OkStatus();
}

absl::Status LeaveOutRemembered(Store& store, const std::string& exporter,
                                std::vector<SettledLogs>* settled) {
  absl::Status read = store.Read([&](Transaction& tx) -> absl::Status {
    for (SettledLogs& hour : *settled) {
      const auto [first, last] =
          std::minmax_element(hour.logs.begin(), hour.logs.end(),
                              [](const SettledLogs::Entry& a, const SettledLogs::Entry& b) {
                                return a.second < b.second;
                              });
      const auto time_of = [&](const SettledLogs::Entry& log) {
        return absl::FromUnixSeconds(hour.hour * 3600 + log.second);
      };
      ASSIGN_OR_RETURN(const std::vector<LogIdHash> ids,
                       tx.RememberedIds(exporter, time_of(*first), time_of(*last)));
      const absl::flat_hash_set<LogIdHash> remembered(ids.begin(), ids.end());
      std::erase_if(hour.logs,
                    [&](const SettledLogs::Entry& log) { return remembered.contains(log.id); });
    }
    return absl::OkStatus();
  });
  if (!read.ok()) return read;
  std::erase_if(*settled, [](const SettledLogs& hour) { return hour.logs.empty(); });
  return absl::OkStatus();
}

}  // namespace logexport
