#include "service/runs/exporter_share.h"

#include <algorithm>
#include <set>
#include <utility>

#include "service/base/logging.h"
#include "service/base/status_macros.h"

namespace logexport {
namespace {

constexpr int kMostFree = 20'000;
// A member that joins gets its share in steps, so that not everything rests at once.
constexpr std::size_t kMostGivenBack = 200;
// What others have left for so many looks they cannot or need not take.
constexpr int kLooksLeftToOthers = 2;
// What cannot be read is looked at again after so long.
constexpr absl::Duration kJudgeAgain = absl::Minutes(1);
// What came back because nobody else took it is not offered again for so long.
constexpr absl::Duration kOfferAgain = absl::Minutes(10);

}  // namespace

bool ExporterShare::IsCapable(const Members::FreeExporter& free) {
  const absl::Duration now = clock_.Monotonic();
  const auto found = judged_.find(free.exporter);
  if (found != judged_.end() && found->second.config_version == free.config_version &&
      now - found->second.at < kJudgeAgain) {
    return found->second.capable;
  }
  const bool before = found == judged_.end() || found->second.capable;
  const bool capable = capable_(free.exporter);
  judged_[free.exporter] = {free.config_version, capable, now};
  if (before && !capable) {
    LogWarning("an exporter is left to other members: its secrets cannot be read here",
               {{"exporter", free.exporter}});
  }
  return capable;
}

std::vector<Members::FreeExporter> ExporterShare::ToTake(const Members::Situation& situation,
                                                         std::int64_t owned, std::int64_t fair) {
  std::map<std::string, int> seen;
  std::vector<Members::FreeExporter> take;
  for (const Members::FreeExporter& free : situation.free) {
    const auto before = seen_free_.find(free.exporter);
    const int looks = (before == seen_free_.end() ? 0 : before->second) + 1;
    seen[free.exporter] = looks;
    const bool others_first = owned + static_cast<std::int64_t>(take.size()) >= fair;
    if (others_first && looks <= kLooksLeftToOthers) continue;
    if (IsCapable(free)) take.push_back(free);
  }
  std::erase_if(judged_, [&](const auto& judged) { return !seen.contains(judged.first); });
  seen_free_ = std::move(seen);
  return take;
}

std::vector<std::string> ExporterShare::Movable(
    const std::map<std::string, Members::Owned>& owned) const {
  const absl::Duration now = clock_.Monotonic();
  std::vector<std::string> movable;
  for (const auto& [exporter, what] : owned) {
    if (movable.size() >= 2 * kMostGivenBack) break;
    const auto held = held_since_.find(exporter);
    if (held == held_since_.end() || now - held->second < members_.timing().least_hold) continue;
    const auto given = given_back_.find(exporter);
    if (given != given_back_.end() && now - given->second < kOfferAgain) continue;
    movable.push_back(exporter);
  }
  return movable;
}

absl::Status ExporterShare::Take(const std::vector<Members::FreeExporter>& exporters) {
  ASSIGN_OR_RETURN(const std::vector<std::string> taken, members_.Take(exporters));
  const std::set<std::string> ours(taken.begin(), taken.end());
  for (const Members::FreeExporter& free : exporters) {
    if (ours.contains(free.exporter)) metrics_.TookOver(/*expired=*/!free.last_owner.empty());
  }
  return absl::OkStatus();
}

absl::Status ExporterShare::Balance() {
  ASSIGN_OR_RETURN(const Members::Situation situation, members_.Look(kMostFree));
  std::map<std::string, Members::Owned> owned = members_.OwnedNow();
  const std::int64_t members = std::max<std::int64_t>(1, situation.members);
  const std::int64_t fair = (situation.exporters + members - 1) / members;
  const absl::Duration now = clock_.Monotonic();
  std::erase_if(held_since_, [&](const auto& held) { return !owned.contains(held.first); });
  for (const auto& [exporter, what] : owned) held_since_.emplace(exporter, now);
  std::erase_if(given_back_, [&](const auto& given) { return now - given.second > kOfferAgain; });

  const std::vector<Members::FreeExporter> take =
      ToTake(situation, static_cast<std::int64_t>(owned.size()), fair);
  if (!take.empty()) {
    RETURN_IF_ERROR(Take(take));
    for (const auto& [exporter, what] : members_.OwnedNow()) held_since_.emplace(exporter, now);
    return absl::OkStatus();
  }
  const auto beyond = static_cast<std::int64_t>(owned.size()) - fair;
  if (beyond <= 0) return absl::OkStatus();
  ASSIGN_OR_RETURN(
      const std::vector<std::string> given,
      members_.GiveBack(Movable(owned), std::min<std::int64_t>(beyond, kMostGivenBack)));
  for (const std::string& exporter : given) given_back_[exporter] = now;
  metrics_.GaveBack("balance", static_cast<std::int64_t>(given.size()));
  if (!given.empty()) {
    LogInfo(
        "exporters were given back for other members to take",
        {{"exporters", static_cast<std::int64_t>(given.size())}, {"members", situation.members}});
  }
  return absl::OkStatus();
}

}  // namespace logexport
