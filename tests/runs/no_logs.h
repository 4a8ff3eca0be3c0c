#ifndef LOGEXPORT_TESTS_RUNS_NO_LOGS_H_
#define LOGEXPORT_TESTS_RUNS_NO_LOGS_H_

#include <memory>
#include <string>
#include <vector>

#include "service/export/log_source.h"

namespace logexport {

// A tenant without logs.
class NoLogs : public LogSource {
 public:
  absl::StatusOr<Position> Resolve(const Position& position, const CallContext&) override {
    return position;
  }
  std::unique_ptr<PageWalk> Walk(absl::string_view, int, const CallContext&) override {
    return nullptr;
  }
  absl::StatusOr<Page> ReadAfter(absl::string_view, int, const CallContext&) override {
    return Page();
  }
  absl::StatusOr<Page> ReadOne(absl::string_view, const CallContext&) override { return Page(); }
  absl::StatusOr<Page> Decode(std::string) override { return Page(); }
  absl::Duration WaitForBudget(RunLane) override { return absl::ZeroDuration(); }
  absl::Time Now() override { return absl::InfinitePast(); }
  bool HasToldTime() override { return true; }
  absl::Duration ClockSkew() override { return absl::ZeroDuration(); }
  absl::Duration ClockDisagreement(absl::Duration) override { return absl::ZeroDuration(); }
  SourceCounters counters() override { return {}; }
  RateBudget rate_budget() override { return {}; }
  std::vector<SourceProbe> Probe(const CallContext&) override { return {}; }
};

}  // namespace logexport

#endif  // LOGEXPORT_TESTS_RUNS_NO_LOGS_H_
