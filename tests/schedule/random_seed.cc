#include "tests/schedule/random_seed.h"

#include <cstdlib>
#include <iostream>
#include <string>

#include <gtest/gtest.h>

namespace logexport {
namespace {

// RapidCheck reads its seed from RC_PARAMS, once, when the first property is checked.
class SeedEnvironment : public ::testing::Environment {
 public:
  void SetUp() override {
    const std::string seed = std::to_string(RandomSeed());
    std::cout << "random tests use LOGEXPORT_SEED=" << seed << std::endl;
    setenv("RC_PARAMS", ("seed=" + seed + " max_success=500").c_str(), /*overwrite=*/0);
  }
};

const ::testing::Environment* const kSeedEnvironment =
    ::testing::AddGlobalTestEnvironment(new SeedEnvironment);

}  // namespace

std::uint64_t RandomSeed() {
  static const std::uint64_t seed = [] {
    const char* given = std::getenv("LOGEXPORT_SEED");
    return given != nullptr ? std::strtoull(given, nullptr, 10)
                            : static_cast<std::uint64_t>(std::random_device()());
  }();
  return seed;
}

}  // namespace logexport
