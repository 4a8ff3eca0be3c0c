#ifndef LOGEXPORT_TESTS_SEGMENT_RANDOM_LOGS_H_
#define LOGEXPORT_TESTS_SEGMENT_RANDOM_LOGS_H_

#include <cstdint>
#include <random>
#include <string>

namespace logexport {

// Makes up JSON for the random tests: sound, but of every odd shape that JSON allows.
class RandomLogs {
 public:
  explicit RandomLogs(std::uint64_t seed) : random_(seed) {}

  // A log with an id and whatever else.
  std::string Log();
  // A user's profile, with values of any type under the keys that are known.
  std::string Profile();
  // Any JSON value, nested at most `depth` levels.
  std::string Value(int depth);
  // A JSON string with its quotes.
  std::string String();
  std::string Object(int depth);
  std::string Number();

  std::uint64_t Below(std::uint64_t limit) { return random_() % limit; }
  bool OneIn(std::uint64_t times) { return Below(times) == 0; }

  // One of the given.
  template <typename T, std::size_t kSize>
  const T& Pick(const T (&choices)[kSize]) {
    return choices[Below(kSize)];
  }

 private:
  std::mt19937_64 random_;
};

}  // namespace logexport

#endif  // LOGEXPORT_TESTS_SEGMENT_RANDOM_LOGS_H_
