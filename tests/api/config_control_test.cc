// Changes of the configuration: live probes, secrets kept elsewhere, and what the history says.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/export/log.h"
#include "tests/api/api_server.h"

namespace logexport {
namespace {

using grpc::StatusCode;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Key;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

void Fail(ApiServer& server, sandbox::EndpointSet endpoints, int status) {
  sandbox::FaultRule rule;
  rule.endpoints = endpoints;
  rule.status = status;
  server.sandbox().AddFault(rule);
}

std::map<std::string, v1::ProbeState> StatesOf(
    const google::protobuf::RepeatedPtrField<v1::Probe>& probes) {
  std::map<std::string, v1::ProbeState> states;
  for (const v1::Probe& probe : probes) states[probe.name()] = probe.state();
  return states;
}

// A mistyped id looks like any other.
TEST(ConfigControlTest, AStartThatAuth0DoesNotHaveIsAcceptedWithAWarning) {
  ApiServer server;
  const std::string known = server.sandbox().LogIds()[3];
  const std::string mistyped = absl::StrCat(known.substr(0, known.size() - 4), "9876");
  // Where the service itself starts at a time.
  const std::string made_up = SyntheticLogId(*TimeOfLogId(known));
  for (const std::string& id : {known, mistyped, made_up}) {
    const bool warned = id == mistyped;
    for (const bool validate_only : {true, false}) {
      const std::string only = validate_only ? "validate_only: true " : "";
      const auto moved = server.Get<v1::SetCheckpointResponse>(
          "SetCheckpoint", absl::StrCat(only, "allow_skip: true log_id: '", id, "'"));
      EXPECT_EQ(std::any_of(moved.warnings().begin(), moved.warnings().end(),
                            [](const v1::RunWarning& warning) {
                              return warning.code() == "START_LOG_UNKNOWN";
                            }),
                warned)
          << moved.DebugString();
      const auto updated = server.Get<v1::UpdateConfigResponse>(
          "UpdateConfig", absl::StrCat(only, "allow_skip: true config { start_from: '", id, "' }"));
      EXPECT_EQ(absl::StrContains(absl::StrJoin(updated.warnings(), "\n"), "START_LOG_UNKNOWN"),
                warned)
          << updated.DebugString();
    }
  }
  // Whoever cannot ask does not wait for it.
  server.HoldAuth0();
  const auto moved = server.Get<v1::SetCheckpointResponse>(
      "SetCheckpoint", absl::StrCat("allow_skip: true log_id: '", mistyped, "'"));
  EXPECT_EQ(moved.checkpoint().log_id(), mistyped);
}

// The checkpoint is a place in the logs of the tenant before.
TEST(ConfigControlTest, AnotherTenantBehindTheSameCheckpointIsWarnedOf) {
  ApiServer server;
  const auto warnings = [&](const std::string& config) {
    const auto updated = server.Get<v1::UpdateConfigResponse>(
        "UpdateConfig",
        absl::StrCat("validate_only: true config { ", config,
                     " auth0 { domain: 'other.eu.auth0.com' audience: "
                     "'https://other.eu.auth0.com/api/v2/' client_secret: 'hers' } }"));
    return absl::StrJoin(updated.warnings(), "\n");
  };
  EXPECT_EQ(warnings(""), "") << "nothing was exported yet";
  const std::string id = server.sandbox().LogIds()[3];
  server.Get<v1::SetCheckpointResponse>("SetCheckpoint",
                                        absl::StrCat("allow_skip: true log_id: '", id, "'"));
  EXPECT_THAT(warnings(""),
              AllOf(HasSubstr(absl::StrCat("the checkpoint stays at ", id)),
                    HasSubstr("logs of other.eu.auth0.com"), HasSubstr("start_from")));
  EXPECT_EQ(warnings("start_from: 'earliest'").find("the checkpoint stays"), std::string::npos);
}

TEST(ConfigControlTest, ASecretThatCannotBeReadIsToldByItsField) {
  ApiServer server;
  const std::string file = server.secret_dir() + "/client_secret";
  std::ofstream(file) << server.sandbox().options().auth0.client_secret;
  std::ofstream(file + ".hosts") << "127.0.0.1";
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

TEST(ConfigControlTest, EveryRightIsProbedByItself) {
  ApiServer server;
  const std::string update = "validate_only: true probe: true config { ";
  const std::string profiles = update + "profile { enabled: true } }";
  EXPECT_THAT(StatesOf(server.Get<v1::UpdateConfigResponse>("UpdateConfig", profiles).probes()),
              UnorderedElementsAre(Pair("auth0.token", v1::PROBE_STATE_PASSED),
                                   Pair("auth0.logs", v1::PROBE_STATE_PASSED),
                                   Pair("auth0.users", v1::PROBE_STATE_PASSED),
                                   Pair("segment.reachable", v1::PROBE_STATE_WARNING),
                                   Pair("slack", v1::PROBE_STATE_PASSED)));
  const auto without = StatesOf(
      server.Get<v1::UpdateConfigResponse>("UpdateConfig", update + "auth0 { batch_size: 7 } }")
          .probes());
  EXPECT_EQ(without.at("auth0.users"), v1::PROBE_STATE_SKIPPED);

  const ApiReply token = server.Call("UpdateConfig", update + "auth0 { client_secret: 'wrong' } }");
  EXPECT_EQ(token.reason, "PROBE_FAILED");
  EXPECT_THAT(token.metadata, ElementsAre(Key("auth0.token"))) << token;

  Fail(server, sandbox::kAnyUsers, 403);
  const ApiReply users = server.Call("UpdateConfig", profiles);
  EXPECT_THAT(users.metadata, ElementsAre(Pair("auth0.users", HasSubstr("read:users")))) << users;
  server.ClearFaults();

  // That logs may not be read hides nothing about the users.
  Fail(server, sandbox::kAnyLogs, 403);
  Fail(server, sandbox::kAnyUsers, 403);
  const ApiReply both = server.Call("UpdateConfig", profiles);
  EXPECT_THAT(both.metadata, ElementsAre(Pair("auth0.logs", HasSubstr("read:logs")),
                                         Pair("auth0.users", HasSubstr("read:users"))))
      << both;
}

TEST(ConfigControlTest, ARollbackIsShownAsOne) {
  ApiServer server;
  server.Get<v1::UpdateConfigResponse>("UpdateConfig", "config { segment { gzip: true } }");
  server.Get<v1::RollbackConfigResponse>("RollbackConfig", "version: 1");
  const auto list = server.Get<v1::ListConfigVersionsResponse>("ListConfigVersions");
  ASSERT_EQ(list.versions_size(), 3);
  EXPECT_EQ(list.versions(0).rollback_of(), 1);
  EXPECT_EQ(list.versions(1).rollback_of(), 0);
  EXPECT_EQ(list.versions(2).rollback_of(), 0);
}

}  // namespace
}  // namespace logexport
