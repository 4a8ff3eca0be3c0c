#include "client/cli/api_words.h"

#include <string>

#include <gtest/gtest.h>

#include "client/cli/api_schema.h"
#include "tests/client/cli_fixture.h"

namespace logexport::cli {
namespace {

class ApiWordsTest : public SchemaFixture {
 protected:
  std::string Said(const std::string& text, const std::string& command) {
    return InCommandWords(text, schema_->service(), FlagsOf(Get(command).method->input_type()));
  }
};

TEST_F(ApiWordsTest, NamesCommandsAndFlags) {
  EXPECT_EQ(Said("read it again with GetConfig and repeat the change", "update-config"),
            "read it again with get-config and repeat the change");
  EXPECT_EQ(Said("logs would be skipped; set allow_skip.", "set-checkpoint"),
            "logs would be skipped; set --allow-skip.");
  EXPECT_EQ(Said("see `ListLogTypes`.", "get-config"), "see `list-log-types`.");
  EXPECT_EQ(Said("raise run.max_duration", "update-config"), "raise --run.max-duration");
}

TEST_F(ApiWordsTest, LeavesEverythingElse) {
  for (const char* text : {"the window is over", "allow_skip", "RETENTION_RISK",
                           "900202611230051_x", "RunNowRequest", "e.g. 1.5 s.", "größer … ✓", ""}) {
    EXPECT_EQ(Said(text, "get-status"), text);
  }
}

}  // namespace
}  // namespace logexport::cli
