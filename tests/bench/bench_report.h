#ifndef LOGEXPORT_TESTS_BENCH_BENCH_REPORT_H_
#define LOGEXPORT_TESTS_BENCH_BENCH_REPORT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"

#include "tests/bench/service_trial.h"

namespace logexport::bench {

// One export by the real service, and what the bare client took beside it.
struct Measurement {
  std::string part;  // which table it belongs to
  int fetch_ms = 0;
  int send_ms = 0;
  TrialOptions options;
  TrialResult result;
  double chain_seconds = 0;    // of the bare client that only walks the chain
  double bare_cpu_micros = 0;  // per log, of the bare client that reads and sends; 0: not run
  double bare_logs_per_second = 0;

  // 1 is as fast as any client can be that asks for one page after the other.
  double chain_ratio() const { return chain_seconds / result.seconds; }
};

// A budget of the project and what was found.
struct Verdict {
  std::string what;
  std::string budget;
  std::string found;
  bool met = false;
};

// Collects the results of one run of the benchmark, telling of each on standard error.
class BenchReport {
 public:
  void Add(const Measurement& measurement);
  void Add(const Verdict& verdict);

  bool all_met() const;
  absl::Status WriteCsv(const std::string& path) const;
  absl::Status WriteMarkdown(const std::string& path) const;

 private:
  std::vector<Measurement> measurements_;
  std::vector<Verdict> verdicts_;
};

}  // namespace logexport::bench

#endif  // LOGEXPORT_TESTS_BENCH_BENCH_REPORT_H_
