#include "client/cli/help.h"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include <gtest/gtest.h>

#include "client/cli/text_table.h"
#include "tests/client/cli_fixture.h"
#include "tests/support/paths.h"

namespace logexport::cli {
namespace {

// Help is read more often than code. Each text is kept as a file; after a change on purpose, run
// this test with LOGEXPORT_UPDATE_GOLDEN=1 and look at the difference.
class HelpTest : public SchemaFixture {
 protected:
  void ExpectGolden(const std::vector<std::string>& args, const std::string& name) {
    const CliResult result = Run(args);
    EXPECT_EQ(result.code, 0);
    EXPECT_EQ(result.err, "");
    const std::string path = SourcePath("tests/client/golden/" + name);
    if (std::getenv("LOGEXPORT_UPDATE_GOLDEN") != nullptr) {
      std::ofstream(path, std::ios::binary) << result.out;
    }
    std::ifstream file(path, std::ios::binary);
    ASSERT_TRUE(file) << path;
    const std::string expected((std::istreambuf_iterator<char>(file)),
                               std::istreambuf_iterator<char>());
    EXPECT_EQ(result.out, expected) << "run with LOGEXPORT_UPDATE_GOLDEN=1 if this is on purpose";
  }
};

TEST_F(HelpTest, OfTheProgram) { ExpectGolden({"--help"}, "program.txt"); }
TEST_F(HelpTest, OfRunNow) { ExpectGolden({"run-now", "--help"}, "run-now.txt"); }
TEST_F(HelpTest, OfRunNowInShort) { ExpectGolden({"run-now", "-h"}, "run-now-short.txt"); }
TEST_F(HelpTest, OfSetCheckpoint) {
  ExpectGolden({"help", "set-checkpoint"}, "set-checkpoint.txt");
}
TEST_F(HelpTest, OfUpdateConfig) { ExpectGolden({"configure", "--help"}, "update-config.txt"); }
TEST_F(HelpTest, OfGetReports) { ExpectGolden({"reports", "--help"}, "get-reports.txt"); }

TEST_F(HelpTest, EveryTextKeepsToEightyColumns) {
  std::vector<std::string> texts = {ProgramHelp(*schema_, "logexportctl")};
  for (const Command& command : schema_->commands()) {
    const auto flags = FlagsOf(command.method->input_type());
    texts.push_back(CommandHelp(command, flags, "logexportctl", true));
    texts.push_back(CommandHelp(command, flags, "logexportctl", false));
  }
  for (const std::string& text : texts) {
    for (const std::string& line : std::vector<std::string>(absl::StrSplit(text, '\n'))) {
      EXPECT_LE(DisplayWidth(line), 80u) << line;
    }
  }
}

TEST_F(HelpTest, OfNoCommandGoesToStandardErrorAndFails) {
  const CliResult result = Run({});
  EXPECT_EQ(result.code, 2);
  EXPECT_EQ(result.out, "");
  EXPECT_EQ(result.err, ProgramHelp(*schema_, "logexportctl"));
}

}  // namespace
}  // namespace logexport::cli
