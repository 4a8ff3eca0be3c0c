// What a preview shows.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/api/api_server.h"

namespace logexport {
namespace {

using ::testing::ElementsAreArray;

std::vector<std::string> Previewed(ApiServer& server, const std::string& text) {
  std::vector<std::string> ids;
  const auto preview = server.Get<v1::PreviewExportResponse>("PreviewExport", text);
  for (const v1::PreviewedLog& log : preview.logs()) ids.push_back(log.log_id());
  return ids;
}

TEST(PreviewTest, AnInclusiveCheckpointBeginsWithItsOwnLogAndGoesOn) {
  ApiServer server;
  const std::vector<std::string> logs = server.sandbox().LogIds();
  server.Get<v1::SetCheckpointResponse>(
      "SetCheckpoint", absl::StrCat("log_id: '", logs[5], "' inclusive: true allow_skip: true"));
  for (const int count : {1, 2, 7}) {
    EXPECT_THAT(Previewed(server, absl::StrCat("max_logs: ", count)),
                ElementsAreArray(logs.begin() + 5, logs.begin() + 5 + count));
  }
  EXPECT_THAT(Previewed(server, "max_logs: 100"), ElementsAreArray(logs.begin() + 5, logs.end()));
}

}  // namespace
}  // namespace logexport
