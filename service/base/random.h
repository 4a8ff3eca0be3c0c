#ifndef LOGEXPORT_SERVICE_BASE_RANDOM_H_
#define LOGEXPORT_SERVICE_BASE_RANDOM_H_

#include <cstdint>
#include <string>

#include "absl/time/time.h"

namespace logexport {

// Source of randomness, injected so that tests are repeatable. Thread-safe.
class Random {
 public:
  virtual ~Random() = default;
  virtual std::uint64_t Next64() = 0;
  // Uniform in [0, 1).
  double NextUnit() { return static_cast<double>(Next64() >> 11) * 0x1.0p-53; }
};

// Seeded by the operating system. Lives for ever.
Random& SystemRandom();

// A new id whose bytewise order is the order of `now`: UUID version 7 (RFC 9562) in its usual form.
std::string NewTimeOrderedId(absl::Time now, Random& random);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_BASE_RANDOM_H_
