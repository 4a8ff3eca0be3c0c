// What arrives in Segment, and what must not arrive anywhere, from the real service.
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include "logexport/v1/service.pb.h"
#include "service/base/hash.h"
#include "tests/e2e/installation.h"
#include "tests/support/http_client.h"
#include "tests/support/random_seed.h"
#include "tests/support/status_matchers.h"

namespace logexport {
namespace {

namespace dom = simdjson::dom;

using Stub = client::Client::Stub;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

std::string LogId(int number) { return absl::StrFormat("90020261120090000000000%033d", number); }

void AddLogs(Installation& installation, const std::string& lines) {
  ASSERT_THAT(installation.sandbox().Post("logs", lines), IsOk());
}

void Configure(Installation& installation, const v1::ExporterConfig& config) {
  v1::UpdateConfigRequest update;
  *update.mutable_config() = config;
  ASSERT_THAT(installation.client().Call(&Stub::UpdateConfig, update), IsOk());
}

void StartOver(Installation& installation) {
  v1::SetCheckpointRequest request;
  request.mutable_earliest();
  ASSERT_THAT(installation.client().Call(&Stub::SetCheckpoint, request), IsOk());
}

// ---- Profiles -----------------------------------------------------------------------------------

std::int64_t Requests(Installation& installation, const char* endpoint) {
  return installation.sandbox().Stat({"endpoints", endpoint, "requests"});
}

TEST(ArrivesTest, AHundredLogsOfAHundredUsersCostThreeRequestsAndOneOnceTheUsersAreKnown) {
  constexpr int kPages = 10;
  Installation installation({"--generate", "0"});
  std::string lines;
  for (int n = 0; n < kPages * 100; ++n) {
    absl::StrAppend(
        &lines, R"({"log_id":")", LogId(n),
        R"(","date":"2026-11-20T09:00:00.000Z","type":"s","user_id":"auth0|6740f1c2a9b83e5d)",
        absl::StrFormat("%08x", n), "\"}\n");
  }
  AddLogs(installation, lines);
  installation.Start();
  v1::ExporterConfig config;
  config.mutable_profile()->set_enabled(true);
  Configure(installation, config);

  const v1::Report first = installation.RunNow();
  EXPECT_EQ(first.ledger().accepted(), kPages * 100) << first.DebugString();
  const std::int64_t pages = Requests(installation, "logs_checkpoint");
  const std::int64_t users =
      Requests(installation, "users_search") + Requests(installation, "users_read");
  EXPECT_EQ(pages, kPages + 1);  // the last one empty
  EXPECT_LE(kPages + users, 3 * kPages);
  EXPECT_GT(users, 0);
  EXPECT_EQ(first.warnings_size(), 0) << first.DebugString();
  for (const auto& [id, event] : ArrivedEvents(installation.sandbox())) {
    EXPECT_THAT(event.raw, HasSubstr(R"("traits":{"email":"user)")) << id;
  }

  StartOver(installation);
  const std::int64_t warm_pages = Requests(installation, "logs_checkpoint");
  const v1::Report second = installation.RunNow();
  EXPECT_EQ(second.ledger().accepted(), kPages * 100);
  EXPECT_EQ(Requests(installation, "logs_checkpoint") - warm_pages, kPages + 1);
  EXPECT_EQ(Requests(installation, "users_search") + Requests(installation, "users_read"), users);
}

// ---- The extension ------------------------------------------------------------------------------

// A track call as the extension made it, its properties by name as compact JSON.
struct Call {
  std::string user_id;
  std::string event;
  std::map<std::string, std::string> properties;

  bool operator==(const Call&) const = default;
};

void PrintTo(const Call& call, std::ostream* os) {
  *os << call.user_id << " " << call.event;
  for (const auto& [name, value] : call.properties) *os << "\n  " << name << " = " << value;
}

void Assign(const dom::object& object, Call* call) {
  for (const dom::key_value_pair member : object) {
    call->properties[std::string(member.key)] = simdjson::minify(member.value);
  }
}

// The extension as it is described: types s, ss and f; a request for the user of each log; the
// properties are the members of user_metadata, then of the profile without user_metadata and
// app_metadata, then of app_metadata, the later winning; none for a
// user who is gone; nothing for logs without a user.
class Extension {
 public:
  explicit Extension(Installation& installation) : base_(installation.sandbox().url()) {
    std::map<std::string, std::string> environment;
    for (const auto& [name, value] : installation.environment()) environment[name] = value;
    const HttpReply reply =
        HttpPost(base_, "/oauth/token",
                 absl::StrCat(R"({"grant_type":"client_credentials","client_id":")",
                              environment["AUTH0_CLIENT_ID"], R"(","client_secret":")",
                              environment["AUTH0_CLIENT_SECRET"], R"(","audience":"https://)",
                              environment["AUTH0_DOMAIN"], R"(/api/v2/"})"));
    EXPECT_EQ(reply.status, 200) << reply.body;
    dom::parser parser;
    token_ = std::string(parser.parse(reply.body)["access_token"].get_string().value());
  }

  std::optional<Call> Send(const std::string& log_json) {
    dom::parser log_parser;
    const dom::element log = log_parser.parse(log_json);
    static const auto* const names = new std::map<std::string, std::string>{
        {"s", "Success Login"}, {"ss", "Success Signup"}, {"f", "Failed Login"}};
    const auto name = names->find(std::string(log["type"].get_string().value_unsafe()));
    std::string_view user_id;
    if (name == names->end() || log["user_id"].get(user_id) != simdjson::SUCCESS ||
        user_id.empty()) {
      return std::nullopt;
    }
    Call call{.user_id = std::string(user_id), .event = name->second, .properties = {}};
    std::string path = "/api/v2/users/";
    for (const char c : user_id) {
      absl::StrAppendFormat(&path, "%%%02X", static_cast<unsigned char>(c));
    }
    const HttpReply reply = HttpGet(base_, path, {{"Authorization", "Bearer " + token_}});
    if (reply.status == 404) return call;
    EXPECT_EQ(reply.status, 200) << reply.body;
    dom::parser parser;
    const dom::object profile = parser.parse(reply.body);
    dom::object metadata;
    if (profile["user_metadata"].get(metadata) == simdjson::SUCCESS) Assign(metadata, &call);
    Assign(profile, &call);
    // The two are not sent besides their members.
    call.properties.erase("user_metadata");
    call.properties.erase("app_metadata");
    if (profile["app_metadata"].get(metadata) == simdjson::SUCCESS) Assign(metadata, &call);
    return call;
  }

 private:
  const std::string base_;
  std::string token_;
};

// Runs the service with mapping EXTENSION over the logs of the sandbox, and compares.
void ExpectEventsOfTheExtension(Installation& installation, bool identities, int least) {
  const v1::Report report = installation.RunNow();
  ASSERT_EQ(report.state(), v1::RUN_STATE_SUCCEEDED) << report.DebugString();
  const auto arrived = ArrivedEvents(installation.sandbox());
  Extension extension(installation);
  ASSERT_OK_AND_ASSIGN(const std::string ids, installation.sandbox().Get("log_ids"));
  int sent = 0;
  int left_out = 0;
  for (const absl::string_view id : absl::StrSplit(ids, '\n', absl::SkipEmpty())) {
    ASSERT_OK_AND_ASSIGN(const std::string log,
                         installation.sandbox().Get(absl::StrCat("log?id=", id)));
    std::optional<Call> expected = extension.Send(log);
    if (expected.has_value() && !identities) expected->properties.erase("identities");
    const auto [first, last] = arrived.equal_range(std::string(id));
    std::optional<Call> actual;
    if (first != last) {
      EXPECT_EQ(std::distance(first, last), 1) << log;
      dom::parser parser;
      const dom::element event = parser.parse(first->second.raw)["raw"];
      actual = Call{.user_id = std::string(event["userId"].get_string().value()),
                    .event = std::string(event["event"].get_string().value()),
                    .properties = {}};
      Assign(event["properties"], &*actual);
      // What it lacked.
      EXPECT_FALSE(first->second.timestamp.empty());
    }
    ASSERT_EQ(actual, expected) << log;
    ++(expected.has_value() ? sent : left_out);
  }
  EXPECT_EQ(report.ledger().accepted(), sent);
  EXPECT_EQ(report.ledger().filtered(), left_out);
  EXPECT_GE(sent, least);
  EXPECT_GT(left_out, least);
}

TEST(ArrivesTest, AThousandLogsOfFourHundredUsersArriveAsFromTheExtension) {
  const std::uint64_t seed = RandomSeed() % 1'000'000;
  for (const bool identities : {false, true}) {
    SCOPED_TRACE(identities ? "all fields" : "default fields");
    // Most logs are of types that it left out.
    Installation installation({"--generate", identities ? "6500" : "1000", "--users", "400",
                               "--deleted-users-every", "9", "--odd-rate", "0", "--seed",
                               absl::StrCat(seed), "--strict"});
    installation.Start();
    v1::ExporterConfig config;
    config.mutable_segment()->set_mapping(v1::EVENT_MAPPING_EXTENSION);
    if (identities) {
      // As the default, with what it leaves out because it may hold tokens.
      for (const char* field : {"user_id",     "email",         "email_verified",
                                "username",    "phone_number",  "picture",
                                "name",        "nickname",      "given_name",
                                "family_name", "created_at",    "updated_at",
                                "last_login",  "last_ip",       "logins_count",
                                "blocked",     "user_metadata", "app_metadata",
                                "identities",  "locale",        "last_password_reset",
                                "multifactor"}) {
        config.mutable_profile()->add_fields(field);
      }
    }
    Configure(installation, config);
    ExpectEventsOfTheExtension(installation, identities, /*least=*/identities ? 1000 : 100);
  }
}

// ---- Privacy ------------------------------------------------------------------------------------

// Made-up people whose every personal value holds a word of theirs that stands nowhere else.
std::string Word(int person) { return absl::StrFormat("qzv%06xk", person * 2654435 % 0xFFFFFF); }

std::string LogOf(int person, int number, absl::string_view more = "") {
  const std::string word = Word(person);
  const std::string name = absl::StrCat(word, "@covered.example");
  return absl::StrCat(
      R"({"log_id":")", LogId(number), R"(","date":"2026-11-20T09:00:00.000Z","type":")",
      number % 3 == 0 ? "ss" : "fp", R"(","user_id":"auth0|)", word, R"(","user_name":")", name,
      R"(","client_id":"app","description":"No password fits )", absl::AsciiStrToUpper(name),
      R"(.","details":{"request":{"path":"/api/v2/users/auth0%7C)", word,
      R"(","body":"{\"email\":\")", name, R"(\"}"},"note":"about auth0|)", word, "\"}", more,
      "}\n");
}

std::string Everything(Installation& installation) {
  std::string told = absl::StrCat(installation.Logs(), installation.Status().DebugString());
  const auto add = [&](const auto& answer) {
    EXPECT_THAT(answer, IsOk());
    if (answer.ok()) absl::StrAppend(&told, answer->DebugString());
  };
  add(installation.client().Call(&Stub::GetReports, v1::GetReportsRequest()));
  add(installation.client().Call(&Stub::ListCheckpoints, v1::ListCheckpointsRequest()));
  add(installation.client().Call(&Stub::ListConfigVersions, v1::ListConfigVersionsRequest()));
  add(installation.client().Call(&Stub::ListDeadLetters, v1::ListDeadLettersRequest()));
  for (const char* kept : {"events", "events?duplicates=true", "slack"}) {
    const absl::StatusOr<std::string> text = installation.sandbox().Get(kept);
    EXPECT_THAT(text, IsOk());
    if (text.ok()) told += *text;
  }
  return told;
}

// Fewer than there are logs: looking at them makes their users known.
constexpr int kPreviewed = 40;

v1::PreviewExportResponse Preview(Installation& installation) {
  v1::PreviewExportRequest request;
  request.set_max_logs(kPreviewed);
  const auto preview = installation.client().Call(&Stub::PreviewExport, request);
  EXPECT_THAT(preview, IsOk());
  return preview.ok() ? *preview : v1::PreviewExportResponse();
}

TEST(ArrivesTest, WhatAPrivacyRuleCoversIsToldNowhere) {
  constexpr int kPeople = 60;
  Installation installation({"--generate", "0", "--strict"});
  std::string lines;
  for (int n = 0; n < kPeople; ++n) {
    lines += LogOf(n, n, n == 7 ? R"(,"marker":"refuse-this")" : "");
  }
  AddLogs(installation, lines);
  installation.Start();
  v1::ExporterConfig config;
  config.mutable_profile()->set_enabled(true);
  config.mutable_segment()->set_identify(true);
  config.mutable_slack()->set_send_success(true);
  config.mutable_privacy()->set_preset(v1::PRIVACY_PRESET_STANDARD);
  config.mutable_privacy()->set_hash_key("a key of thirty-two characters..");
  config.mutable_privacy()->set_hash_key_id("2026");
  v1::PrivacyRule* rule = config.mutable_privacy()->add_rules();
  rule->set_path("user_name");
  rule->set_action(v1::PRIVACY_ACTION_MASK);
  Configure(installation, config);

  // What will be sent is shown before it is.
  const v1::PreviewExportResponse preview = Preview(installation);
  EXPECT_THAT(preview.logs(), SizeIs(kPreviewed));
  std::string previewed;
  for (const v1::PreviewedLog& log : preview.logs()) {
    absl::StrAppend(&previewed, absl::StrJoin(log.events_json(), "\n"), "\n");
  }

  // Auth0 and Segment answer with what they were asked, and one event is refused for good.
  installation.SetFault(absl::StrCat(
      R"({"endpoint":"users_search","action":"status","status":400,"times":2,"body":)",
      R"("{\"statusCode\":400,\"error\":\"Bad Request\",\"message\":\"user_id:auth0|)",
      Word(kPeople - 1), R"( is no query\",\"errorCode\":\"invalid_query_string\"}"})"));
  installation.SetFault(
      R"({"endpoint":"segment","action":"status","status":400,"contains":"refuse-this"})");
  const v1::Report first = installation.RunNow();
  EXPECT_EQ(first.state(), v1::RUN_STATE_SUCCEEDED) << first.DebugString();
  EXPECT_EQ(first.ledger().dead_lettered(), 1);
  EXPECT_EQ(first.ledger().accepted(), kPeople - 1);
  EXPECT_THAT(first.DebugString(), HasSubstr("invalid_query_string"));

  // And a run fails.
  lines.clear();
  for (int n = 0; n < kPeople; ++n) lines += LogOf(n, 1000 + n);
  AddLogs(installation, lines);
  installation.SetFault(R"({"endpoint":"users_search","action":"close"})");
  installation.SetFault(R"({"endpoint":"segment","action":"status","status":401})");
  const v1::Report second = installation.RunNow();
  EXPECT_EQ(second.state(), v1::RUN_STATE_FAILED);
  while (installation.sandbox().Stat({"slack", "messages"}) < 2) {
  }

  const std::string told = absl::AsciiStrToLower(absl::StrCat(Everything(installation), previewed));
  for (int person = 0; person < kPeople; ++person) {
    EXPECT_THAT(told.find(Word(person)), std::string::npos)
        << told.substr(told.find(Word(person)) - 200, 400);
  }
  EXPECT_THAT(told, Not(HasSubstr("covered.example")));

  // The log of a dead letter is kept as it was read, for those who ask for it, since it is mapped
  // anew when it is redriven; then the rules hold for it as for any other.
  v1::ListDeadLettersRequest list;
  list.set_include_log(true);
  ASSERT_OK_AND_ASSIGN(const v1::ListDeadLettersResponse dead,
                       installation.client().Call(&Stub::ListDeadLetters, list));
  ASSERT_THAT(dead.dead_letters(), SizeIs(1));
  EXPECT_THAT(dead.dead_letters(0).log_json(), HasSubstr(Word(7)));
  installation.ClearFaults();
  v1::RedriveDeadLettersRequest redrive;
  redrive.set_all(true);
  ASSERT_OK_AND_ASSIGN(const v1::RedriveDeadLettersResponse redriven,
                       installation.client().Call(&Stub::RedriveDeadLetters, redrive));
  EXPECT_EQ(installation.Await(redriven.run().run_id()).ledger().accepted(), 1);
  EXPECT_EQ(absl::AsciiStrToLower(Everything(installation)).find(Word(7)), std::string::npos);
}

TEST(ArrivesTest, WhoMayOnlyLookSeesNoLogs) {
  Installation installation({"--generate", "1"});
  const std::string folder = installation.directory();
  // A line a caller: name, role, SHA-256 of the token.
  std::ofstream(folder + "/tokens") << "vera viewer " << Sha256Hex("of vera") << "\nolaf operator "
                                    << Sha256Hex("of olaf") << "\n";
  ASSERT_OK_AND_ASSIGN(const std::unique_ptr<ServiceProcess> service,
                       ServiceProcess::Start(installation.state(), installation.environment(),
                                             {"--auth-token-file", folder + "/tokens"}));
  v1::ListDeadLettersRequest with_logs;
  with_logs.set_include_log(true);
  for (const std::string name : {"vera", "olaf"}) {
    SCOPED_TRACE(name);
    client::ConnectionOptions options;
    options.server = service->address();
    options.token_file = absl::StrCat(folder, "/", name);
    std::ofstream(options.token_file) << "of " << name;
    ASSERT_OK_AND_ASSIGN(const std::unique_ptr<client::Client> client,
                         client::Client::Connect(options));
    EXPECT_THAT(client->Call(&Stub::ListDeadLetters, v1::ListDeadLettersRequest()), IsOk());
    const absl::Status shown = client->Call(&Stub::ListDeadLetters, with_logs).status();
    const absl::Status preview =
        client->Call(&Stub::PreviewExport, v1::PreviewExportRequest()).status();
    if (name == "olaf") {
      EXPECT_THAT(shown, IsOk());
      EXPECT_THAT(preview, IsOk());
    } else {
      EXPECT_THAT(shown, StatusIs(absl::StatusCode::kPermissionDenied, HasSubstr("OPERATOR")));
      EXPECT_THAT(preview, StatusIs(absl::StatusCode::kPermissionDenied, HasSubstr("OPERATOR")));
    }
  }
}

}  // namespace
}  // namespace logexport
