#include "client/cli/request.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/cli/render_json.h"
#include "client/cli/request.h"
#include "logexport/v1/service.pb.h"
#include "tests/client/cli_fixture.h"

namespace logexport::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class RequestTest : public SchemaFixture {
 protected:
  RequestTest() { context_.terminal = &terminal_; }

  absl::StatusOr<BuiltRequest> Build(const std::vector<std::string>& args) {
    invocation_ = Parse(args);
    return BuildRequest(*schema_, invocation_, RequestContextOf(context_), terminal_);
  }

  // The request as a message of the generated class.
  template <typename Request>
  Request Built(const std::vector<std::string>& args) {
    const auto built = Build(args);
    EXPECT_TRUE(built.ok()) << built.status();
    Request request;
    if (built.ok()) request.ParseFromString(built->message->SerializeAsString());
    return request;
  }

  std::string Error(const std::vector<std::string>& args) {
    const auto built = Build(args);
    EXPECT_FALSE(built.ok());
    return std::string(built.status().message());
  }

  std::vector<std::string> Mask(const std::vector<std::string>& args) {
    const auto request = Built<v1::UpdateConfigRequest>(args);
    return {request.update_mask().paths().begin(), request.update_mask().paths().end()};
  }

  FakeTerminal terminal_;
  Invocation invocation_;
};

TEST_F(RequestTest, DerivesTheUpdateMaskFromTheFlagsThatWereUsed) {
  EXPECT_THAT(Mask({"configure", "--schedule.cron", "@hourly", "--no-segment.identify",
                    "--filter.types", "s", "--reason", "why"}),
              UnorderedElementsAre("schedule.cron", "segment.identify", "filter.types"));
}

TEST_F(RequestTest, NamesInTheMaskWhatIsSetToItsDefault) {
  // Without a mask, a server could not tell an empty list from none.
  EXPECT_THAT(Mask({"configure", "--filter.types="}), ElementsAre("filter.types"));
  const auto request = Built<v1::UpdateConfigRequest>({"configure", "--run.max-logs", "0"});
  EXPECT_TRUE(request.config().run().has_max_logs());
}

TEST_F(RequestTest, ClearNamesAPathWithoutSettingIt) {
  const auto request = Built<v1::UpdateConfigRequest>(
      {"configure", "--clear", "schedule.jitter", "--clear", "privacy"});
  EXPECT_THAT(request.update_mask().paths(), UnorderedElementsAre("schedule.jitter", "privacy"));
  EXPECT_FALSE(request.config().schedule().has_jitter());
  EXPECT_THAT(Error({"configure", "--clear", "schedule.jiter"}),
              HasSubstr("there is no setting 'schedule.jiter'"));
}

TEST_F(RequestTest, JsonWithoutAMaskIsMaskedTogetherWithTheFlags) {
  EXPECT_THAT(Mask({"configure", "--json", R"({"config":{"slack":{"sendSuccess":false}}})",
                    "--schedule.cron", "@daily"}),
              UnorderedElementsAre("slack.send_success", "schedule.cron"));
}

TEST_F(RequestTest, TheMaskOfJsonIsKeptAndFlagsJoinIt) {
  EXPECT_THAT(Mask({"configure", "--json", R"({"updateMask":"slack.webhook"})", "--schedule.cron",
                    "@daily"}),
              UnorderedElementsAre("slack.webhook", "schedule.cron"));
}

TEST_F(RequestTest, AnExplicitMaskIsTakenAsItIs) {
  EXPECT_THAT(Mask({"configure", "--schedule.cron", "@daily", "--update-mask",
                    "schedule.cron,slack.send-success"}),
              ElementsAre("schedule.cron", "slack.send_success"));
}

TEST_F(RequestTest, WithoutSettingsThereIsNoMask) {
  EXPECT_FALSE(Built<v1::UpdateConfigRequest>({"configure", "--probe"}).has_update_mask());
}

TEST_F(RequestTest, MergesJsonFromTextFileAndStandardInputFirst) {
  const std::string path = WriteFile("request.json", R"({"maxLogs":"7","reason":"file"})");
  auto request = Built<v1::RunNowRequest>({"run-now", "--json", "@" + path, "--reason", "flag"});
  EXPECT_EQ(request.max_logs(), 7);
  EXPECT_EQ(request.reason(), "flag");
  terminal_.in_stream.str(R"({"max_logs":8})");
  EXPECT_EQ(Built<v1::RunNowRequest>({"run-now", "--json", "-"}).max_logs(), 8);
  EXPECT_EQ(Built<v1::RunNowRequest>({"run-now", "--json", R"({"maxLogs":9})"}).max_logs(), 9);
}

TEST_F(RequestTest, RefusesJsonThatIsNotTheRequest) {
  EXPECT_THAT(Error({"run-now", "--json", "{"}), HasSubstr("--json: not a RunNowRequest as JSON"));
  EXPECT_THAT(Error({"run-now", "--json", R"({"maxLog":1})"}), HasSubstr("--json"));
  EXPECT_TRUE(absl::IsNotFound(Build({"run-now", "--json", "@/no/such/file"}).status()));
}

TEST_F(RequestTest, FlagsOfOneOneofExcludeEachOther) {
  EXPECT_THAT(Error({"set-checkpoint", "--log-id", "1", "--earliest"}),
              HasSubstr("--earliest: excludes --log-id"));
  const auto request = Built<v1::SetCheckpointRequest>({"set-checkpoint", "--earliest"});
  EXPECT_TRUE(request.has_earliest());
  // A flag takes the place of another member given in JSON.
  EXPECT_TRUE(
      Built<v1::SetCheckpointRequest>({"set-checkpoint", "--json", R"({"logId":"1"})", "--latest"})
          .has_latest());
}

TEST_F(RequestTest, NamesEveryWrongFlagAtOnce) {
  const std::string error =
      Error({"configure", "--segment.mapping", "extention", "--run.max-logs", "x"});
  EXPECT_THAT(error, HasSubstr("--segment.mapping: 'extention'"));
  EXPECT_THAT(error, HasSubstr("did you mean extension?"));
  EXPECT_THAT(error, HasSubstr("--run.max-logs: 'x'"));
}

TEST_F(RequestTest, RequiresWhatTheCallRequires) {
  EXPECT_THAT(Error({"rollback"}), HasSubstr("the argument VERSION is missing"));
  EXPECT_EQ(Built<v1::RollbackConfigRequest>({"rollback", "3"}).version(), 3);
}

TEST_F(RequestTest, WritesGetARequestIdUnlessTheyHaveOne) {
  EXPECT_EQ(Built<v1::RunNowRequest>({"run-now"}).request_id(), "request-1");
  EXPECT_EQ(Built<v1::RunNowRequest>({"run-now", "--request-id", "mine"}).request_id(), "mine");
}

TEST_F(RequestTest, TellsHowTimesWereUnderstood) {
  const auto built = Build({"set-checkpoint", "--time", "-2h"});
  ASSERT_TRUE(built.ok());
  EXPECT_THAT(built->notes, ElementsAre("--time is 2026-11-23T10:00:00Z (2h ago)"));
  EXPECT_THAT(Build({"set-checkpoint", "--time", "2026-11-23T10:00:00Z"})->notes, IsEmpty());
}

TEST_F(RequestTest, TakesSecretsFromFilesVariablesPromptsAndReferences) {
  const std::string path = WriteFile("key", "from-file\n");
  environment_["KEY"] = "from-variable";
  terminal_.answers = {"from-prompt"};
  const auto key = [&](const std::vector<std::string>& flag) {
    std::vector<std::string> args = {"configure"};
    args.insert(args.end(), flag.begin(), flag.end());
    return Built<v1::UpdateConfigRequest>(args).config().segment().write_key();
  };
  EXPECT_EQ(key({"--segment.write-key-file", path}), "from-file");
  EXPECT_EQ(key({"--segment.write-key-env", "KEY"}), "from-variable");
  EXPECT_EQ(key({"--segment.write-key", "-"}), "from-prompt");
  EXPECT_THAT(terminal_.questions, ElementsAre("secret segment.write-key: "));
  EXPECT_EQ(key({"--segment.write-key", "env:LOGEXPORT_SECRET_KEY"}), "env:LOGEXPORT_SECRET_KEY");
  EXPECT_EQ(key({"--segment.write-key", "file:/run/secrets/key"}), "file:/run/secrets/key");
}

TEST_F(RequestTest, RefusesSecretsOnTheCommandLineWithoutRepeatingThem) {
  const std::string error = Error({"configure", "--segment.write-key", "s3cr3t"});
  EXPECT_THAT(error, HasSubstr("--segment.write-key-file FILE"));
  EXPECT_THAT(error, HasSubstr("--segment.write-key-env VARIABLE"));
  EXPECT_EQ(error.find("s3cr3t"), std::string::npos);
  EXPECT_THAT(Error({"configure", "--segment.write-key-env", "UNSET"}),
              HasSubstr("the variable UNSET is not set"));
  EXPECT_THAT(Error({"configure", "--segment.write-key-env", "A", "--segment.write-key", "-"}),
              HasSubstr("excludes"));
  EXPECT_TRUE(
      absl::IsNotFound(Build({"configure", "--segment.write-key-file", "/no/such/file"}).status()));
}

TEST_F(RequestTest, MaskingHidesLiteralSecretsOnly) {
  v1::ExporterConfig config;
  config.mutable_segment()->set_write_key("s3cr3t");
  config.mutable_auth0()->set_client_secret("env:LOGEXPORT_SECRET_X");
  config.mutable_auth0()->set_client_id("visible");
  const auto masked = MaskSecrets(config);
  const std::string text = masked->ShortDebugString();
  EXPECT_EQ(text.find("s3cr3t"), std::string::npos);
  EXPECT_THAT(text, HasSubstr("write_key: \"********\""));
  EXPECT_THAT(text, HasSubstr("env:LOGEXPORT_SECRET_X"));
  EXPECT_THAT(text, HasSubstr("visible"));
  EXPECT_EQ(config.segment().write_key(), "s3cr3t");
}

TEST_F(RequestTest, GrpcurlLineMakesTheSameCall) {
  const auto built = Build({"run-now", "--max-logs", "5", "--reason", "it's due"});
  ASSERT_TRUE(built.ok());
  client::ConnectionOptions connection;
  EXPECT_EQ(
      GrpcurlLine(Get("run-now"), *built->message, connection),
      R"(grpcurl -plaintext -d '{"maxLogs":"5","requestId":"request-1","reason":"it'\''s due"}')"
      " 127.0.0.1:50051 logexport.v1.LogExportService/RunNow");
  connection.server = "exporter.example:443";
  connection.ca_file = "/ca file.pem";
  connection.token_file = "/token";
  EXPECT_THAT(
      GrpcurlLine(Get("run-now"), *built->message, connection),
      HasSubstr("grpcurl -cacert '/ca file.pem' -H \"authorization: Bearer $(cat /token)\" -d"));
}

}  // namespace
}  // namespace logexport::cli
