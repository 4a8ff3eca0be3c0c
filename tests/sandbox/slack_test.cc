#include <string>

#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/sandbox/sandbox_client.h"

namespace logexport::sandbox {
namespace {

using ::testing::ElementsAre;

HttpReply PostSlack(const Sandbox& sandbox, const std::string& body) {
  return HttpPost(sandbox.url(), "/slack/services/T/B/secret", body);
}

TEST(SlackTest, TakesMessagesAndAnswersOk) {
  const auto sandbox = StartSandbox();
  const std::string payload =
      R"({"text":"Run failed","attachments":[{"color":"danger","fields":[]}]})";
  const HttpReply reply = PostSlack(*sandbox, payload);
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "ok");
  PostSlack(*sandbox, R"({"blocks":[{"type":"section","text":{"type":"mrkdwn","text":"x"}}]})");
  EXPECT_THAT(sandbox->stats().slack_texts, ElementsAre("Run failed", ""));
  const auto messages = sandbox->slack_messages();
  EXPECT_EQ(messages[0].raw, payload);
  EXPECT_EQ(messages[0].path, "/slack/services/T/B/secret");
}

TEST(SlackTest, RefusesWhatSlackRefuses) {
  const auto section = [](const std::string& text) {
    return absl::StrCat(R"({"blocks":[{"type":"section","text":{"text":")", text, R"("}}]})");
  };
  std::string many_blocks = R"({"blocks":[)";
  for (int i = 0; i < 51; ++i) {
    absl::StrAppend(&many_blocks, i > 0 ? "," : "", R"({"type":"divider"})");
  }
  many_blocks += "]}";
  const std::pair<std::string, std::string> cases[] = {
      {"not JSON", "invalid_payload"},
      {"{}", "no_text"},
      {R"({"text":""})", "no_text"},
      {absl::StrCat(R"({"text":")", std::string(40'001, 'x'), R"("})"), "invalid_payload"},
      {section(std::string(3'001, 'x')), "invalid_blocks"},
      {section(""), "invalid_blocks"},
      {R"({"blocks":[{"type":"section","fields":[]}]})", "invalid_blocks"},
      {absl::StrCat(R"({"blocks":[{"type":"header","text":{"text":")", std::string(151, 'x'),
                    R"("}}]})"),
       "invalid_blocks"},
      {many_blocks, "invalid_blocks"},
      {R"({"attachments":["x"]})", "invalid_attachments"},
  };
  const auto sandbox = StartSandbox();
  for (const auto& [payload, refusal] : cases) {
    const HttpReply reply = PostSlack(*sandbox, payload);
    EXPECT_EQ(reply.status, 400) << payload;
    EXPECT_EQ(reply.body, refusal) << payload;
  }
  EXPECT_EQ(sandbox->stats().slack_refused, std::size(cases));
  EXPECT_EQ(PostSlack(*sandbox, section(std::string(3'000, 'x'))).status, 200);
}

TEST(SlackTest, FaultsAnswerInSlacksWords) {
  const auto sandbox = StartSandbox();
  FaultRule rule;
  rule.endpoints = Endpoint::kSlack;
  rule.status = 404;
  rule.times = 1;
  sandbox->AddFault(rule);
  EXPECT_EQ(PostSlack(*sandbox, R"({"text":"x"})").body, "no_service");
  EXPECT_EQ(PostSlack(*sandbox, R"({"text":"x"})").body, "ok");
  EXPECT_THAT(sandbox->stats().slack_texts, ElementsAre("x"));
}

}  // namespace
}  // namespace logexport::sandbox
