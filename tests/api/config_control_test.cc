// Changes of the configuration that ask others: live probes, and secrets kept elsewhere.
#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/api/api_server.h"

namespace logexport {
namespace {

using grpc::StatusCode;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

TEST(ConfigControlTest, ASecretThatCannotBeReadIsToldByItsField) {
  ApiServer server;
  const std::string file = server.secret_dir() + "/client_secret";
  std::ofstream(file) << server.sandbox().options().auth0.client_secret;
  server.Get<v1::UpdateConfigResponse>(
      "UpdateConfig",
      absl::StrCat("probe: true config { auth0 { client_secret: 'file:", file, "' } }"));
  std::filesystem::remove(file);
  for (const auto& [method, text] : std::map<std::string, std::string>{
           {"PreviewExport", ""},
           {"UpdateConfig", "probe: true config { auth0 { batch_size: 7 } }"}}) {
    const ApiReply reply = server.Call(method, text);
    EXPECT_EQ(reply.code, StatusCode::FAILED_PRECONDITION) << method << reply;
    EXPECT_EQ(reply.reason, "SECRET_UNREADABLE") << method;
    EXPECT_THAT(reply.metadata, ElementsAre(Pair("field", "auth0.client_secret"))) << method;
    EXPECT_THAT(reply.message, HasSubstr(file)) << method;
    EXPECT_THAT(reply.message, HasSubstr("UpdateConfig")) << method;
    ExpectWellFormedError(reply);
  }
  const ApiReply renamed = server.Call("UpdateConfig", "new_message_namespace: true config { }");
  EXPECT_EQ(renamed.reason, "SECRET_UNREADABLE") << renamed;
}

TEST(ConfigControlTest, ARepeatedRequestGetsItsAnswerWithoutANewProbe) {
  ApiServer server;
  const std::string probe = "probe: true request_id: ";
  const std::string update = probe + "'update' config { auth0 { batch_size: 7 } }";
  const std::string create =
      absl::StrCat(probe, "'create' exporter: 'second' config { ", server.Config(), " }");
  const ApiReply updated = server.Call("UpdateConfig", update);
  const ApiReply created = server.Call("CreateExporter", create);
  ASSERT_TRUE(updated.ok() && created.ok()) << updated << created;
  EXPECT_EQ(server.sandbox().stats().slack_texts.size(), 2U);

  server.HoldAuth0();
  EXPECT_EQ(server.Call("UpdateConfig", update).messages, updated.messages);
  EXPECT_EQ(server.Call("CreateExporter", create).messages, created.messages);
  // One that is refused for its id tells Slack nothing, either.
  EXPECT_EQ(
      server.Call("UpdateConfig", probe + "'update' config { auth0 { batch_size: 8 } }").reason,
      "REQUEST_ID_REUSED");
  EXPECT_EQ(server.sandbox().stats().slack_texts.size(), 2U);
}

}  // namespace
}  // namespace logexport
