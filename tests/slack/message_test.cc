#include "service/slack/message.h"

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include "service/base/utf8.h"
#include "tests/slack/payload_check.h"

namespace logexport {
namespace {

using namespace std::string_literals;  // for texts that hold a NUL

using ::testing::HasSubstr;
using ::testing::Not;
using Tone = MessageBuilder::Tone;

TEST(SlackTextTest, EscapesWhatSlackWouldInterpretAndNothingElse) {
  EXPECT_EQ(SlackText("a < b && c > d", 100), "a &lt; b &amp;&amp; c &gt; d");
  EXPECT_EQ(SlackText("<!channel> <https://evil.example|here>", 100),
            "&lt;!channel&gt; &lt;https://evil.example|here&gt;");
  EXPECT_EQ(SlackText("&lt;", 100), "&amp;lt;");
  EXPECT_EQ(SlackText("*_~`\"'\\ ünï", 100), "*_~`\"'\\ ünï");
}

TEST(SlackTextTest, CutsOnCodePointsAndMarksIt) {
  EXPECT_EQ(SlackText("abcdef", 6), "abcdef");
  EXPECT_EQ(SlackText("abcdefg", 6), "abc…");
  EXPECT_EQ(SlackText("äöüäöü", 9), "äöü…");
  EXPECT_EQ(SlackText("äöüäöü", 8), "äö…");
  EXPECT_EQ(SlackText("a&&&&", 10), "a&amp;…");
  EXPECT_EQ(SlackText("", 10), "");
}

TEST(SlackTextTest, IsWholeAndShortEnoughAtEveryLength) {
  const std::string text = "a<&>é漢😀\xff\xc3(\n b";
  for (std::size_t limit = 3; limit < 60; ++limit) {
    const std::string cut = SlackText(text, limit);
    EXPECT_LE(cut.size(), limit);
    EXPECT_TRUE(IsValidUtf8(cut)) << limit;
    // No entity is cut: taking all whole ones away leaves no ampersand.
    std::string rest = cut;
    for (const char* entity : {"&amp;", "&lt;", "&gt;"}) {
      for (std::size_t at; (at = rest.find(entity)) != std::string::npos;) {
        rest.erase(at, std::string(entity).size());
      }
    }
    EXPECT_EQ(rest.find('&'), std::string::npos) << cut;
  }
}

TEST(MessageTest, KeepsSlacksLimitsWhateverItIsGiven) {
  const std::vector<std::string> hostile = {
      "",
      " ",
      std::string(20'000, '<'),
      std::string(20'000, '&'),
      std::string(5'000, '\xff'),
      "\0\x01\x1b[31m\x7f\r\n"s,
      "<!channel> <@U123> :fire: *bold* `code` @here",
      "😀😀😀 漢字 \xe2\x80",
      "\"}],\"channel\":\"#general\"",
  };
  for (const std::string& text : hostile) {
    MessageBuilder message(Tone::kBad, text);
    for (int i = 0; i < 60; ++i) {
      message.Paragraph(text).Fact("Title", text).Command("Purpose", text).Footer(text);
    }
    const std::string payload = message.Build();
    CheckPayload(payload);
    EXPECT_LT(payload.size(), 100'000U);
  }
}

TEST(MessageTest, AMessageOfOrdinarySizeIsNotCut) {
  MessageBuilder message(Tone::kGood, "Headline");
  message.Paragraph(std::string(1000, 'p')).Fact("Title", std::string(250, 'f'));
  EXPECT_THAT(message.Build(), Not(HasSubstr("…")));
}

TEST(MessageTest, TellsItsToneByTheMarkOfTheHeadline) {
  EXPECT_THAT(MessageBuilder(Tone::kGood, "H").Build(), HasSubstr("\"🟢 H\""));
  EXPECT_THAT(MessageBuilder(Tone::kNeutral, "H").Build(), HasSubstr("\"🔵 H\""));
  EXPECT_THAT(MessageBuilder(Tone::kWarning, "H").Build(), HasSubstr("\"🟡 H\""));
  EXPECT_THAT(MessageBuilder(Tone::kBad, "H").Build(), HasSubstr("\"🔴 H\""));
}

TEST(MessageTest, ALineBreakInAFactCannotStartALineOfItsOwn) {
  MessageBuilder message(Tone::kGood, "H");
  message.Fact("Checkpoint", "after 1\nWhat to do: nothing").Command("Run:", "a\nb");
  const std::string payload = message.Build();
  EXPECT_THAT(payload, HasSubstr("Checkpoint: after 1 What to do: nothing"));
  EXPECT_THAT(payload, HasSubstr("Run:\\na b"));
}

TEST(FallbackTest, KeepsTheWholeTextWithoutTheLayout) {
  MessageBuilder message(Tone::kBad, "Head \"quoted\" \\");
  message.Paragraph("line\nline").Fact("Title", "value").Command("Run:", "logexportctl x");
  EXPECT_EQ(FallbackPayload(message.Build()),
            "{\"text\":\"🔴 Head \\\"quoted\\\" \\\\\\nline\\nline\\nTitle: value\\nRun:\\n"
            "logexportctl x\",\"mrkdwn\":false,\"unfurl_links\":false,\"unfurl_media\":false}");
}

TEST(FallbackTest, IsEmptyForWhatIsNoMessageOfOurs) {
  for (const char* payload : {"", "{}", "{\"text\":5}", "{\"text\":\"open", "{\"text\":\"x\\",
                              "{\"blocks\":[],\"text\":\"x\"}"}) {
    EXPECT_EQ(FallbackPayload(payload), "") << payload;
  }
}

}  // namespace
}  // namespace logexport
