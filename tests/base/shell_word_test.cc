#include "service/base/shell_word.h"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace logexport {
namespace {

TEST(ShellWordTest, QuotesWhatAShellWouldReadDifferently) {
  const std::vector<std::pair<std::string, std::string>> rows = {
      {"90020261123005102123456", "90020261123005102123456"},
      {"tenant-1_a.b:c", "tenant-1_a.b:c"},
      {"plain-1.2/x", "plain-1.2/x"},
      {"", "''"},
      {"two words", "'two words'"},
      {"$(reboot)", "'$(reboot)'"},
      {"it's $HOME", "'it'\\''s $HOME'"},
      {"; rm -rf /", "'; rm -rf /'"},
      {"-x", "'-x'"},
  };
  for (const auto& [argument, word] : rows) EXPECT_EQ(ShellWord(argument), word);
}

}  // namespace
}  // namespace logexport
