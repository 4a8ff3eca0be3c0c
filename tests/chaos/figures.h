#ifndef LOGEXPORT_TESTS_CHAOS_FIGURES_H_
#define LOGEXPORT_TESTS_CHAOS_FIGURES_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace logexport {

// What each kind of fault came to, for people.
class Figures {
 public:
  struct Round {
    // Of each exporter that had to wait.
    std::vector<absl::Duration> without_runner;
    std::int64_t take_overs = 0;
    std::int64_t repeats = 0;
  };
  void Add(const std::string& fault, const Round& round);
  // A table, one line for each kind of fault.
  std::string Table() const;

 private:
  struct Kind {
    int rounds = 0;
    Round sum;
  };
  std::map<std::string, Kind> kinds_;
};

}  // namespace logexport

#endif  // LOGEXPORT_TESTS_CHAOS_FIGURES_H_
