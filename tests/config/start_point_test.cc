#include "service/config/start_point.h"

#include <string>

#include "absl/status/status.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace logexport {
namespace {

using ::testing::HasSubstr;

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);  // 2027-01-15T08:00:00Z

Position Place(Position::Kind kind, std::string id = "", absl::Time time = absl::Time()) {
  Position position;
  position.kind = kind;
  position.id = std::move(id);
  position.time = time;
  return position;
}

TEST(StartPointTest, TakesWordsTimesDatesAndIds) {
  const absl::Time november = absl::FromCivil(absl::CivilSecond(2026, 11, 1), absl::UTCTimeZone());
  const struct {
    const char* text;
    Position expected;
  } kCases[] = {
      {"earliest", Place(Position::Kind::kEarliest)},
      {"Earliest", Place(Position::Kind::kEarliest)},
      {" latest ", Place(Position::Kind::kLatest, "", kNow)},
      {"2026-11-01", Place(Position::Kind::kTime, "", november)},
      {"2026-11-01T00:00:00Z", Place(Position::Kind::kTime, "", november)},
      {"2026-11-01T01:00:00.000+01:00", Place(Position::Kind::kTime, "", november)},
      {"90020261101000000123456000000000000000000000000000000000",
       Place(Position::Kind::kAfter, "90020261101000000123456000000000000000000000000000000000")},
      {"-24h", Place(Position::Kind::kTime, "", kNow - absl::Hours(24))},
      {"now-7d", Place(Position::Kind::kTime, "", kNow - absl::Hours(24 * 7))},
      {"2h ago", Place(Position::Kind::kTime, "", kNow - absl::Hours(2))},
      {"49957000000000000000", Place(Position::Kind::kAfter, "49957000000000000000")},
      {"5f1e7a2b9c3d4e5f60718293", Place(Position::Kind::kAfter, "5f1e7a2b9c3d4e5f60718293")},
      {"01JD0G3K8T-a_b", Place(Position::Kind::kAfter, "01JD0G3K8T-a_b")},
  };
  for (const auto& test : kCases) {
    EXPECT_THAT(ParseStartPoint(test.text, kNow), IsOkAndHolds(test.expected)) << test.text;
  }
}

TEST(StartPointTest, AMisspeltWordIsNotTakenForAnId) {
  EXPECT_THAT(ParseStartPoint("lastest", kNow),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("did you mean latest?")));
  EXPECT_THAT(ParseStartPoint("earlist", kNow),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("did you mean earliest?")));
  EXPECT_THAT(ParseStartPoint("yesterday", kNow),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("earliest, latest, a time (2026-11-01T00:00:00Z), a date")));
}

TEST(StartPointTest, AWrongDateIsNotTakenForAnId) {
  for (const char* text : {"2026-13-01", "2026-02-30", "2026-11-01T25:00:00Z", "2026-11",
                           "2026-11-01T00:00:00", "2026-11-01 00:00:00"}) {
    EXPECT_THAT(ParseStartPoint(text, kNow),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("which is no time")))
        << text;
  }
}

TEST(StartPointTest, TheFutureIsRefused) {
  EXPECT_THAT(ParseStartPoint("2027-01-15T08:00:01Z", kNow),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("in the future")));
  EXPECT_THAT(ParseStartPoint("2027-01-15T08:00:00Z", kNow), IsOk());
}

TEST(LogIdTest, IsVisibleAsciiOfBoundedLength) {
  EXPECT_THAT(CheckLogId("90020261101000000000"), IsOk());
  EXPECT_THAT(CheckLogId(std::string(256, '9')), IsOk());
  for (const std::string& id :
       {std::string(), std::string(257, '9'), std::string("9 0"), std::string("9\n"),
        std::string("9\0", 2), std::string("\xc3\xa9"), std::string("\x7f")}) {
    EXPECT_THAT(CheckLogId(id), StatusIs(absl::StatusCode::kInvalidArgument)) << id;
  }
}

// Taken for an id, the first of these sends every log again, and the others stop the export without
// a word, since they sort after every id.
TEST(StartPointTest, ATextThatIsNoIdIsNotTakenForOne) {
  const struct {
    const char* text;
    const char* help;
  } kCases[] = {
      {"\"90020261101000000123456000000000000000000000000000000000\"", "quotes around it"},
      {"'90020261101000000123456000000000000000000000000000000000'", "quotes around it"},
      {"log_id=90020261101000000123456000000000000000000000000000000000", "an id"},
      {"after 90020261101000000123456000000000000000000000000000000000", "letters, digits"},
      {"24h", "write -24h"},
      {"7d", "write -7d"},
      {"1h30m", "write -1h30m"},
      {"2026", "at least 20"},
      {"1764500000", "2025-11-30T10:53:20.000Z"},
      {"1764500000123", "2025-11-30T10:53:20.123Z"},
      {"9002026110100000012", "at least 20"},
      {"now+7d", "letters, digits"},
      {"-1x", "letters, digits"},
      {"20261101", "at least 20"},
      {"20261101T140000Z", "a time"},
      {"2026-11-01T14", "no time"},
      {"1.5", "letters, digits"},
      {"a1-b_2.c~", "letters, digits"},
      {"${START}", "variable"},
      {"<log id>", "placeholder"},
      {"now", "earliest, latest"},
      {"today", "earliest, latest"},
  };
  for (const auto& test : kCases) {
    EXPECT_THAT(ParseStartPoint(test.text, kNow),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(test.help)))
        << test.text;
  }
}

TEST(LogIdTest, IsNotATimeOrALengthOfTime) {
  for (const char* text : {"-2h", "24h", "7d", "now-7d", "1764500000", "2026-11-01",
                           "2026-11-01T00:00:00Z", "20261101T000000Z", "latest", "earliest", "now",
                           "\"90020261101000000123456000000000000000000000000000000000\"",
                           "log_id=90020261101000000123456000000000000000000000000000000000"}) {
    EXPECT_THAT(CheckLogId(text), StatusIs(absl::StatusCode::kInvalidArgument)) << text;
  }
}

TEST(StartPointTest, WhatCannotBeAnIdIsRefused) {
  EXPECT_THAT(ParseStartPoint("", kNow), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(ParseStartPoint("900 901", kNow), StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace logexport
