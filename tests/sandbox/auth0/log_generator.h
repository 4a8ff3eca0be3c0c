#ifndef LOGEXPORT_TESTS_SANDBOX_AUTH0_LOG_GENERATOR_H_
#define LOGEXPORT_TESTS_SANDBOX_AUTH0_LOG_GENERATOR_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"

#include "tests/sandbox/auth0/log_store.h"
#include "tests/sandbox/auth0/log_templates.h"
#include "tests/sandbox/auth0/user_directory.h"

namespace logexport::sandbox {

// Makes up logs, about 1.5 KB each, that look like those of a tenant whose users sign in and out.
// Ids are 900, the time of ingestion in UTC to the microsecond, and a running number: 56 digits,
// ascending. `date` is 0.01 to 5.4 s (median 3.4 s) before that time and so not in the order of the
// ids, as measured on real logs. The same seed, users and calls make the same logs. Not
// thread-safe.
class LogGenerator {
 public:
  struct Options {
    std::uint64_t seed = 1;
    double odd_rate = 0.01;  // share of logs in shapes that are allowed but rare
    // Share of logs that become visible late: by a random time up to `late_by` after the others.
    double late_rate = 0;
    absl::Duration late_by = absl::Hours(40);
  };

  // Both must outlive the generator; `users` must not be empty.
  LogGenerator(const Options& options, const UserDirectory& users, LogStore* store);

  // Adds one log ingested at `time`, which must not go back.
  void Add(absl::Time time);
  // Adds `count` logs spread over `span` from `start` on, unevenly.
  void AddMany(std::size_t count, absl::Time start, absl::Duration span);

 private:
  struct Values;

  std::uint64_t NextRandom();
  std::size_t Draw(std::size_t choices) { return NextRandom() % choices; }
  double DrawUnit() { return static_cast<double>(NextRandom() >> 11) * 0x1.0p-53; }
  const LogTemplate& DrawTemplate();
  void Append(Slot slot, const Values& values);
  void AppendDigits(std::size_t count);

  const Options options_;
  const UserDirectory& users_;
  LogStore* const store_;
  const std::vector<LogTemplate> templates_;
  std::size_t plain_weight_ = 0;
  std::size_t odd_weight_ = 0;
  std::uint64_t random_;
  std::uint64_t sequence_ = 0;
  std::string buffer_;
};

}  // namespace logexport::sandbox

#endif  // LOGEXPORT_TESTS_SANDBOX_AUTH0_LOG_GENERATOR_H_
