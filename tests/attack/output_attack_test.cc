// Text that does something to the terminal or the eye of whoever reads it.
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "logexport/v1/service.pb.h"
#include "tests/attack/attacked_service.h"
#include "tests/support/paths.h"
#include "tests/support/raw_server.h"
#include "tests/support/status_matchers.h"
#include "tests/support/subprocess.h"

namespace logexport {
namespace {

using ::testing::HasSubstr;
using Stub = client::Client::Stub;

// ESC, CSI as one character, DEL, a line's end and a carriage's return, and characters that turn
// the direction of writing round.
const std::vector<std::string> kHostile = {"\x1b[2J",
                                           "\xC2\x9B"
                                           "31m",
                                           "\x7f",
                                           "\xE2\x80\xAE",
                                           "\xE2\x81\xA6",
                                           "\xE2\x80\x8F"};

void ExpectHarmless(const std::string& text, const std::string& where) {
  for (const std::string& hostile : kHostile) {
    EXPECT_FALSE(absl::StrContains(text, hostile))
        << where << " passes on " << testing::PrintToString(hostile);
  }
}

class OutputAttackTest : public ::testing::TestWithParam<std::string> {
 protected:
  std::string Client(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), BinaryPath("logexportctl"));
    arguments.insert(arguments.end(), {"--server", service_.address()});
    auto process = Subprocess::Start(arguments, {});
    EXPECT_THAT(process, IsOk());
    if (!process.ok()) return "";
    EXPECT_EQ((*process)->Wait(absl::Seconds(60)), 0) << (*process)->ErrorOutput();
    return (*process)->Output() + (*process)->ErrorOutput();
  }

  AttackedService service_{
      AttackedService::Options{.tokens = false, .flags = {"--log-format", GetParam()}}};
};

TEST_P(OutputAttackTest, WhatCallersWriteReachesNoReaderAsItIs) {
  std::string reason = "harmless ";
  for (const std::string& hostile : kHostile) reason += hostile + " ";
  v1::PauseExporterRequest pause;
  pause.set_reason(reason);
  ASSERT_THAT(service_.installation().client().Call(&Stub::PauseExporter, pause), IsOk());
  v1::SetCheckpointRequest move;
  move.mutable_latest();
  move.set_allow_skip(true);
  move.set_reason(reason);
  ASSERT_THAT(service_.installation().client().Call(&Stub::SetCheckpoint, move), IsOk());
  const std::string log = service_.installation().Logs();
  EXPECT_THAT(log, HasSubstr("harmless"));
  ExpectHarmless(log, "the log");
  for (const char* command : {"status", "checkpoints", "audit", "history"}) {
    for (const char* format : {"table", "yaml", "json", "jsonl"}) {
      const std::string output = Client({command, "-o", format});
      EXPECT_THAT(output, HasSubstr("harmless")) << command << format;
      ExpectHarmless(output, std::string(command) + " as " + format);
    }
  }
  ExpectHarmless(Client({"audit", "-o", "jsonl", "--include-ocsf"}), "OCSF");
}

INSTANTIATE_TEST_SUITE_P(Formats, OutputAttackTest, ::testing::Values("text", "json"),
                         [](const auto& format) { return format.param; });

// A proxy of the environment sees no call to this machine, and no token leaves it in the clear.
TEST(ClientAttackTest, TokensGoNeitherToAProxyNorOverTheNetworkInTheClear) {
  AttackedService service;
  service.ClientWith("viewer-token");
  const std::string token_file = service.installation().directory() + "/viewer-token";
  RawServer proxy([](RawConnection& connection, int) {
    while (connection.ReadRequest().has_value()) connection.Send(RawResponse(502, ""));
  });
  const std::string url = proxy.Url("");
  auto local = Subprocess::Start({BinaryPath("logexportctl"), "status", "--server",
                                  service.address(), "--token-file", token_file},
                                 {{"http_proxy", url},
                                  {"https_proxy", url},
                                  {"grpc_proxy", url},
                                  {"HTTP_PROXY", url},
                                  {"HTTPS_PROXY", url}});
  ASSERT_THAT(local, IsOk());
  EXPECT_EQ((*local)->Wait(absl::Seconds(60)), 0) << (*local)->ErrorOutput();
  EXPECT_TRUE(proxy.requests().empty());
  // 192.0.2.0/24 is nobody's: the refusal comes before anything is sent.
  auto remote = Subprocess::Start({BinaryPath("logexportctl"), "status", "--server",
                                   "192.0.2.7:50051", "--plaintext", "--token-file", token_file},
                                  {});
  ASSERT_THAT(remote, IsOk());
  EXPECT_EQ((*remote)->Wait(absl::Seconds(60)), 2) << (*remote)->ErrorOutput();
  EXPECT_THAT((*remote)->ErrorOutput(), HasSubstr("token"));
}

}  // namespace
}  // namespace logexport
