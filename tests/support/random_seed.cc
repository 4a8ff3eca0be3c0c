#include "tests/support/random_seed.h"

#include <cstdlib>
#include <iostream>
#include <random>
#include <string>

#include <gtest/gtest.h>

namespace logexport {
namespace {

class SeedEnvironment : public ::testing::Environment {
 public:
  void SetUp() override {
    const std::string seed = std::to_string(RandomSeed());
    std::cout << "random tests use LOGEXPORT_SEED=" << seed << std::endl;
    // RapidCheck reads this once, when the first property is checked.
    setenv("RC_PARAMS", ("seed=" + seed + " max_success=500").c_str(), /*overwrite=*/0);
  }
};

}  // namespace

std::uint64_t RandomSeed() {
  static const std::uint64_t seed = [] {
    const char* given = std::getenv("LOGEXPORT_SEED");
    return given != nullptr ? std::strtoull(given, nullptr, 10)
                            : static_cast<std::uint64_t>(std::random_device()());
  }();
  return seed;
}

bool internal_random_seed::Announce() {
  ::testing::AddGlobalTestEnvironment(new SeedEnvironment);
  return true;
}

}  // namespace logexport
