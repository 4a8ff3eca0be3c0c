#include "service/base/logging.h"

#include <functional>
#include <limits>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include "service/base/shown_text.h"
#include "service/base/time_text.h"

namespace logexport {
namespace {

// What `write` logs, at the format and level, without the final line break.
std::string Logged(LogFormat format, LogLevel lowest, const std::function<void()>& write) {
  SetUpLogging(format, lowest);
  ::testing::internal::CaptureStderr();
  write();
  std::string text = ::testing::internal::GetCapturedStderr();
  if (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

std::string LoggedText(const std::function<void()>& write) {
  return Logged(LogFormat::kText, LogLevel::kDebug, write);
}

// A line with its time, which is checked to be one, taken out.
std::string WithoutTime(const std::string& line, std::size_t position) {
  constexpr std::size_t kTimeSize = 24;
  EXPECT_TRUE(ParseTimestamp(line.substr(position, kTimeSize)).has_value()) << line;
  return line.substr(0, position) + line.substr(position + kTimeSize);
}

void LogOneOfEach() {
  LogInfo("exported logs", {{"exporter", "default"},
                            {"state", "two words"},
                            {"empty", ""},
                            {"quoted", "a\"b\nc=d"},
                            {"done", true},
                            {"count", 12},
                            {"bytes", std::uint64_t{18'446'744'073'709'551'615u}},
                            {"rate", 1.5},
                            {"took", absl::Milliseconds(1500)},
                            {"at", absl::UnixEpoch()},
                            {"error", absl::NotFoundError("no run")}});
}

TEST(LogTest, WritesTextForPeople) {
  EXPECT_EQ(WithoutTime(LoggedText(LogOneOfEach), 0),
            R"( info exported logs exporter=default state="two words" empty="" )"
            R"(quoted="a\"b\nc=d" done=true count=12 bytes=18446744073709551615 rate=1.5 )"
            R"(took=1.5s at=1970-01-01T00:00:00.000Z error="NOT_FOUND: no run")");
}

TEST(LogTest, WritesJsonForMachines) {
  EXPECT_EQ(WithoutTime(Logged(LogFormat::kJson, LogLevel::kDebug, LogOneOfEach), 9),
            R"({"time":"","level":"info","message":"exported logs","exporter":"default",)"
            R"("state":"two words","empty":"","quoted":"a\"b\nc=d","done":true,"count":12,)"
            R"("bytes":18446744073709551615,"rate":1.5,"took":"1.5s",)"
            R"("at":"1970-01-01T00:00:00.000Z","error":"NOT_FOUND: no run"})");
}

TEST(LogTest, NamesTheLevels) {
  const std::string text = LoggedText([] {
    LogDebug("a");
    LogInfo("b");
    LogWarning("c");
    LogError("d");
  });
  const std::vector<std::string> lines = absl::StrSplit(text, '\n');
  ASSERT_EQ(lines.size(), 4u);
  EXPECT_EQ(WithoutTime(lines[0], 0), " debug a");
  EXPECT_EQ(WithoutTime(lines[1], 0), " info b");
  EXPECT_EQ(WithoutTime(lines[2], 0), " warning c");
  EXPECT_EQ(WithoutTime(lines[3], 0), " error d");
}

TEST(LogTest, DropsWhatIsBelowTheLowestLevel) {
  const std::string text = Logged(LogFormat::kText, LogLevel::kWarning, [] {
    LogDebug("a");
    LogInfo("b");
    LogWarning("c");
  });
  EXPECT_EQ(WithoutTime(text, 0), " warning c");
}

TEST(LogTest, EveryJsonLineCanBeParsed) {
  const std::string line = Logged(LogFormat::kJson, LogLevel::kDebug, [] {
    LogInfo("odd values", {{"not a number", std::numeric_limits<double>::quiet_NaN()},
                           {"infinite", std::numeric_limits<double>::infinity()},
                           {"not UTF-8", "a\xFFz"},
                           {"forever", absl::InfiniteDuration()},
                           {"control", absl::string_view("\0\x1b[31m", 6)}});
  });
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  ASSERT_EQ(parser.parse(line).get(object), simdjson::SUCCESS) << line;
  EXPECT_EQ(std::string_view(object["not UTF-8"]), "a\xEF\xBF\xBDz");
  EXPECT_EQ(std::string_view(object["not a number"]), "nan");
}

TEST(LogTest, TextCannotForgeALineOrSteerATerminal) {
  const std::string line = LoggedText([] {
    LogInfo("odd values", {{"a", "x\n2026-11-23T00:00:00.000Z error forged"}, {"b", "\x1b[31m"}});
  });
  EXPECT_THAT(line, ::testing::Not(::testing::HasSubstr("\n")));
  EXPECT_THAT(line, ::testing::Not(::testing::HasSubstr("\x1b")));
}

TEST(LogTest, NoFormatPassesCharactersThatSteerATerminalOrTurnTextRound) {
  const std::string hidden = "a\x7f\u009b31m\u202eb\u2066c\u2028";
  for (const LogFormat format : {LogFormat::kText, LogFormat::kJson}) {
    const std::string line = Logged(format, LogLevel::kDebug, [&] {
      LogInfo("odd " + hidden, {{"value", hidden}});
    });
    EXPECT_FALSE(FindHidden(line).found()) << line;
  }
  // A reader of the JSON gets the value as it was.
  const std::string line = Logged(LogFormat::kJson, LogLevel::kDebug, [&] {
    LogInfo("odd", {{"value", hidden}});
  });
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  ASSERT_EQ(parser.parse(line).get(object), simdjson::SUCCESS) << line;
  EXPECT_EQ(std::string_view(object["value"]), hidden);
}

TEST(LogTest, LinesOfSeveralThreadsDoNotMix) {
  const std::string text = LoggedText([] {
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([t] {
        for (int i = 0; i < 50; ++i) {
          LogInfo("line", {{"text", std::string(200, static_cast<char>('a' + t))}});
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
  });
  int lines = 0;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    const std::string value(line.substr(line.find('=') + 1));
    EXPECT_EQ(value, std::string(200, value.front()));
    ++lines;
  }
  EXPECT_EQ(lines, 200);
}

}  // namespace
}  // namespace logexport
