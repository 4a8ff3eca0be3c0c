// The corpora of the fuzz targets, replayed, and mutated a little: what runs everywhere and each
// time. libFuzzer, which sees what the code does with an input, goes deeper (./dev fuzz).

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include <gtest/gtest.h>

#include "tests/fuzz/targets.h"
#include "tests/support/paths.h"
#include "tests/support/random_seed.h"

namespace logexport {
namespace {

constexpr absl::Duration kMutateFor = absl::Seconds(1);

std::string ReadBytes(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

std::vector<std::string> Corpus(const char* target) {
  std::vector<std::string> corpus;
  const std::string directory = SourcePath(absl::StrCat("tests/fuzz/corpus/", target));
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    corpus.push_back(ReadBytes(entry.path()));
  }
  return corpus;
}

class FuzzTest : public ::testing::TestWithParam<FuzzTarget> {};

TEST_P(FuzzTest, TheCorpusBreaksNothing) {
  const std::vector<std::string> corpus = Corpus(GetParam().name);
  EXPECT_GE(corpus.size(), 5u);
  for (const std::string& input : corpus) RunFuzzTarget(GetParam(), input);
  RunFuzzTarget(GetParam(), "");
}

// A broken promise ends the process and prints the input.
TEST_P(FuzzTest, ChangedBytesBreakNothing) {
  const std::vector<std::string> corpus = Corpus(GetParam().name);
  ASSERT_FALSE(corpus.empty());
  std::mt19937_64 random(RandomSeed());
  const auto below = [&random](std::size_t limit) { return random() % limit; };
  constexpr char kBytes[] = "{}[]\",:\\/0919-+.*?#@=_ \t\n\0\x7f\x80\xc3\xed\xff";
  const absl::Time end = absl::Now() + kMutateFor;
  while (absl::Now() < end) {
    std::string input = corpus[below(corpus.size())];
    for (std::size_t edits = 1 + below(4); edits > 0 && !input.empty(); --edits) {
      const std::size_t at = below(input.size());
      switch (below(4)) {
        case 0:
          input[at] = kBytes[below(sizeof(kBytes) - 1)];
          break;
        case 1:
          input.erase(at, 1 + below(8));
          break;
        case 2: {
          const std::string& other = corpus[below(corpus.size())];
          if (!other.empty()) input.insert(at, other.substr(below(other.size()), below(16)));
          break;
        }
        default:
          input.insert(at, 1, static_cast<char>(below(256)));
      }
    }
    RunFuzzTarget(GetParam(), input);
  }
}

INSTANTIATE_TEST_SUITE_P(Targets, FuzzTest, ::testing::ValuesIn(FuzzTargets()),
                         [](const auto& target) { return std::string(target.param.name); });

}  // namespace
}  // namespace logexport
