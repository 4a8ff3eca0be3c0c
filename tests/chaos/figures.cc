#include "tests/chaos/figures.h"

#include <algorithm>

#include "absl/strings/str_format.h"

namespace logexport {

void Figures::Add(const std::string& fault, const Round& round) {
  Kind& kind = kinds_[fault];
  ++kind.rounds;
  kind.sum.without_runner.insert(kind.sum.without_runner.end(), round.without_runner.begin(),
                                 round.without_runner.end());
  kind.sum.take_overs += round.take_overs;
  kind.sum.repeats += round.repeats;
}

std::string Figures::Table() const {
  std::string table = absl::StrFormat("%-58s %6s %9s %9s %11s %8s\n", "fault", "rounds", "max s",
                                      "median s", "take-overs", "repeats");
  for (const auto& [fault, kind] : kinds_) {
    std::vector<absl::Duration> waits = kind.sum.without_runner;
    std::sort(waits.begin(), waits.end());
    const absl::Duration most = waits.empty() ? absl::ZeroDuration() : waits.back();
    const absl::Duration median = waits.empty() ? most : waits[waits.size() / 2];
    absl::StrAppendFormat(&table, "%-58s %6d %9.1f %9.1f %11d %8d\n", fault, kind.rounds,
                          absl::ToDoubleSeconds(most), absl::ToDoubleSeconds(median),
                          kind.sum.take_overs, kind.sum.repeats);
  }
  return table;
}

}  // namespace logexport
