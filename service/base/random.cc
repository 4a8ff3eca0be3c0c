#include "service/base/random.h"

#include <cstdlib>

#include "absl/strings/str_format.h"
#include <openssl/rand.h>

namespace logexport {
namespace {

class OperatingSystemRandom final : public Random {
 public:
  std::uint64_t Next64() override {
    std::uint64_t value = 0;
    if (RAND_bytes(reinterpret_cast<unsigned char*>(&value), sizeof(value)) != 1) std::abort();
    return value;
  }
};

}  // namespace

Random& SystemRandom() {
  static auto* const random = new OperatingSystemRandom;
  return *random;
}

std::string NewTimeOrderedId(absl::Time now, Random& random) {
  const auto millis = static_cast<std::uint64_t>(absl::ToUnixMillis(now));
  const std::uint64_t high = random.Next64();
  const std::uint64_t low = random.Next64();
  return absl::StrFormat("%08x-%04x-7%03x-%04x-%012x", (millis >> 16) & 0xFFFFFFFF, millis & 0xFFFF,
                         high & 0xFFF, 0x8000 | ((high >> 16) & 0x3FFF), low & 0xFFFFFFFFFFFF);
}

}  // namespace logexport
