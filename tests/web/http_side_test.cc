// The HTTP side of the real service: where it listens, and what probes and Prometheus see.
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/base/hash.h"
#include "tests/e2e/installation.h"
#include "tests/support/await.h"
#include "tests/support/http_client.h"
#include "tests/support/raw_client.h"
#include "tests/support/raw_server.h"
#include "tests/support/status_matchers.h"
#include "tests/support/tls_identity.h"

namespace logexport {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

class HttpSideTest : public ::testing::Test {
 protected:
  std::string Base(const std::string& scheme = "http") {
    return absl::StrCat(scheme, "://", installation_.service().http_address());
  }
  Installation installation_{{"--generate", "10"}};
};

TEST_F(HttpSideTest, TellsProbesThatItLivesAndServes) {
  installation_.Start();
  ASSERT_THAT(installation_.service().http_address(), StartsWith("127.0.0.1:"));
  const HttpReply lives = HttpGet(Base(), "/healthz");
  EXPECT_EQ(lives.status, 200);
  EXPECT_EQ(lives.body, "ok\n");
  EXPECT_EQ(lives.headers.at("x-content-type-options"), "nosniff");
  EXPECT_EQ(HttpGet(Base(), "/readyz").body, "ready\n");
  EXPECT_EQ(HttpGet(Base(), "/readyz?verbose=1").status, 200);
  EXPECT_EQ(HttpPost(Base(), "/healthz", "").status, 405);
  EXPECT_EQ(HttpGet(Base(), "/nothing").status, 404);
}

TEST_F(HttpSideTest, ProbesMayComeByAnyName) {
  installation_.Start();
  for (const char* path : {"/healthz", "/readyz", "/metrics"}) {
    RawClient client(installation_.service().http_address());
    client.Send(absl::StrCat("GET ", path, " HTTP/1.1\r\nHost: 10.1.2.3:8080\r\n\r\n"));
    EXPECT_EQ(StatusOf(client.ReadAnswer()), 200) << path;
  }
}

TEST_F(HttpSideTest, IsNotReadyWithoutItsStore) {
  installation_.Start();
  EXPECT_EQ(HttpGet(Base(), "/readyz").status, 200);
  ASSERT_EQ(rename(installation_.state().c_str(), (installation_.state() + ".away").c_str()), 0);
  HttpReply reply;
  EXPECT_TRUE(Await([&] {
    reply = HttpGet(Base(), "/readyz");
    return reply.status == 503;
  }));
  EXPECT_THAT(reply.body, HasSubstr("the store cannot be reached"));
  EXPECT_THAT(reply.body, Not(HasSubstr(installation_.directory())));
  EXPECT_EQ(HttpGet(Base(), "/healthz").status, 200) << "the process lives all the same";
}

TEST_F(HttpSideTest, ShowsMetricsToEverybodyOnLoopback) {
  installation_.Start();
  const HttpReply reply = HttpGet(Base(), "/metrics");
  EXPECT_EQ(reply.status, 200);
  EXPECT_THAT(reply.headers.at("content-type"), StartsWith("text/plain; version=0.0.4"));
  EXPECT_THAT(reply.body, HasSubstr("\nlogexport_build_info{version="));
}

TEST_F(HttpSideTest, BeyondLoopbackMetricsNeedAToken) {
  const TempDirectory directory;
  const TlsIdentity identity = MakeTlsIdentity();
  WriteFile(directory.File("cert.pem"), identity.certificate);
  WriteFile(directory.File("key.pem"), identity.key);
  WriteFile(directory.File("tokens"), absl::StrCat("vera viewer ", Sha256Hex("v-token"),
                                                   "\nana admin ", Sha256Hex("a-token"), "\n"));
  std::vector<std::string> flags = {"--http-listen",     "0.0.0.0:0",
                                    "--tls-cert",        directory.File("cert.pem"),
                                    "--tls-key",         directory.File("key.pem"),
                                    "--auth-token-file", directory.File("tokens")};
  installation_.Start({}, flags);
  const auto base = [&] {
    const std::string& address = installation_.service().http_address();
    return absl::StrCat("https://127.0.0.1", address.substr(address.rfind(':')));
  };
  const HttpReply refused = HttpGet(base(), "/metrics");
  EXPECT_EQ(refused.status, 401);
  EXPECT_EQ(refused.headers.at("www-authenticate"), "Bearer");
  EXPECT_THAT(refused.body, HasSubstr("\"code\":\"unauthenticated\""));
  EXPECT_EQ(HttpGet(base(), "/metrics", {{"authorization", "Bearer wrong"}}).status, 401);
  EXPECT_EQ(HttpGet(base(), "/metrics", {{"authorization", "Bearer v-token"}}).status, 200);
  EXPECT_EQ(HttpGet(base(), "/metrics", {{"authorization", "Bearer a-token"}}).status, 200);
  EXPECT_EQ(HttpGet(base(), "/healthz").status, 200);
  EXPECT_EQ(HttpGet(base(), "/readyz").status, 200);
  // Whom the file does not name any more.
  WriteFile(directory.File("tokens"), absl::StrCat("ana admin ", Sha256Hex("a-token"), "\n"));
  EXPECT_TRUE(Await([&] {
    return HttpGet(base(), "/metrics", {{"authorization", "Bearer v-token"}}).status == 401;
  }));
  installation_.Kill();
  flags.push_back("--metrics-open");
  installation_.Start({}, flags);
  EXPECT_EQ(HttpGet(base(), "/metrics").status, 200);
}

TEST_F(HttpSideTest, CanBeTurnedOff) {
  installation_.Start({}, {"--http-listen", "off"});
  EXPECT_THAT(installation_.service().http_address(), IsEmpty());
}

TEST_F(HttpSideTest, RefusesAPortThatIsTaken) {
  const RawServer taken([](RawConnection&, int) {});
  const ProgramEnd end =
      RunService({"--listen", "127.0.0.1:0", "--state", "sqlite:" + installation_.state(),
                  "--http-listen", absl::StrCat("127.0.0.1:", taken.port())},
                 installation_.environment());
  EXPECT_EQ(end.exit_status, 1);
  EXPECT_THAT(end.error_output, HasSubstr("the address is in use; choose another with "
                                          "--http-listen"));
}

TEST_F(HttpSideTest, RefusesToBeOpenToTheNetwork) {
  const ProgramEnd end =
      RunService({"--listen", "127.0.0.1:0", "--state", "sqlite:" + installation_.state(),
                  "--http-listen", "0.0.0.0:0"},
                 installation_.environment());
  EXPECT_EQ(end.exit_status, 2);
  EXPECT_THAT(end.error_output, HasSubstr("0.0.0.0:0 without TLS"));
}

// Nobody could ever come by such a name. Nothing is opened or made by a start that ends so.
TEST_F(HttpSideTest, RefusesFlagsThatCanNeverWorkBeforeTheStateIsOpened) {
  const std::vector<std::string> wrong[] = {{"--http-host", "https://export.example.com"},
                                            {"--http-host", "export.example.com:8080"},
                                            {"--http-host", "export.example.com/console"},
                                            {"--http-host", "\"export.example.com\""},
                                            {"--http-host", ""},
                                            {"--http-url", "export.example.com"},
                                            {"--http-listen", "http://127.0.0.1:0"},
                                            {"--http-listen", "127.0.0.1:99999"}};
  for (const std::vector<std::string>& flag : wrong) {
    std::vector<std::string> flags = {"--listen", "127.0.0.1:0", "--state",
                                      "sqlite:" + installation_.state()};
    flags.insert(flags.end(), flag.begin(), flag.end());
    const ProgramEnd end = RunService(flags, installation_.environment());
    EXPECT_EQ(end.exit_status, 2) << flag[1];
    EXPECT_THAT(end.error_output, HasSubstr(flag[0]));
    EXPECT_FALSE(std::filesystem::exists(installation_.state())) << flag[1];
  }
  installation_.Start({}, {"--http-host", "Export.example.com", "--http-host", "[fd00::1]"});
  for (const char* host : {"export.example.com:8080", "[fd00::1]", "[fd00::1]:8080"}) {
    RawClient client(installation_.service().http_address());
    client.Send(absl::StrCat("GET / HTTP/1.1\r\nHost: ", host, "\r\n\r\n"));
    EXPECT_EQ(StatusOf(client.ReadAnswer()), 200) << host;
  }
}

TEST_F(HttpSideTest, IsNotOpenedForOneRun) {
  const RawServer taken([](RawConnection&, int) {});
  // Would fail if it listened.
  const ProgramEnd end = RunService({"--run-once", "--state", "sqlite:" + installation_.state(),
                                     "--http-listen", absl::StrCat("127.0.0.1:", taken.port())},
                                    installation_.environment());
  EXPECT_EQ(end.exit_status, 0) << end.error_output;
}

}  // namespace
}  // namespace logexport
