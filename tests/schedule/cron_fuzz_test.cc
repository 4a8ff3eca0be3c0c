#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "tests/support/paths.h"
#include "tests/support/random_seed.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace logexport {
namespace {

using namespace std::string_literals;  // for texts that hold a NUL

void Feed(const std::string& bytes) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
}

TEST(CronFuzzTest, SurvivesTheCorpus) {
  int files = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(SourcePath("tests/schedule/corpus/cron"))) {
    std::ifstream file(entry.path(), std::ios::binary);
    Feed(std::string(std::istreambuf_iterator<char>(file), {}));
    ++files;
  }
  EXPECT_GT(files, 10);
}

// Not a replacement for the fuzzer, but it runs in every test run: single bytes changed, dropped
// and repeated in expressions that nearly parse.
TEST(CronFuzzTest, SurvivesRandomlyDamagedExpressions) {
  std::mt19937_64 random(RandomSeed());
  const std::string alphabet = "0123456789*/,-?#LW @everyhmsJANFRI\t\n\xff\0"s;
  const std::string start = "*/5 0-12/3,13 1,15 JAN-DEC MON-FRI";
  for (int round = 0; round < 20000; ++round) {
    std::string text = round % 2 == 0 ? start : "@every 1h30m";
    for (std::uint64_t edits = random() % 6; edits > 0 && !text.empty(); --edits) {
      const std::size_t at = random() % text.size();
      switch (random() % 3) {
        case 0:
          text[at] = alphabet[random() % alphabet.size()];
          break;
        case 1:
          text.erase(at, 1);
          break;
        default:
          text.insert(at, 1, alphabet[random() % alphabet.size()]);
          break;
      }
    }
    Feed(text);
  }
}

}  // namespace
}  // namespace logexport
