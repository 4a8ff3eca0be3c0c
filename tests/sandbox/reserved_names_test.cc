#include "tests/sandbox/segment/reserved_names.h"

#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace logexport::sandbox {
namespace {

using ::testing::ElementsAreArray;
using JsonType = simdjson::ondemand::json_type;

constexpr ReservedNames kProperties = ReservedNames::kProperties;
constexpr ReservedNames kTraits = ReservedNames::kTraits;
constexpr ReservedNames kContext = ReservedNames::kContext;

const std::vector<std::pair<JsonType, std::string>>& AllTypes() {
  static const auto* const types = new std::vector<std::pair<JsonType, std::string>>{
      {JsonType::array, "array"},   {JsonType::boolean, "boolean"}, {JsonType::number, "number"},
      {JsonType::object, "object"}, {JsonType::string, "string"},   {JsonType::null, "null"},
  };
  return *types;
}

std::vector<std::string> TypesTaken(ReservedNames names, absl::string_view name,
                                    absl::string_view text) {
  std::vector<std::string> taken;
  for (const auto& [type, word] : AllTypes()) {
    if (KeepsReservedType(names, name, type, text)) taken.push_back(word);
  }
  return taken;
}

struct Case {
  ReservedNames names;
  const char* type;
  const char* text;
  std::vector<const char*> members;
};

TEST(ReservedNamesTest, EachTakesItsTypeAndNull) {
  const Case kCases[] = {
      {kProperties, "number", "1", {"revenue", "value"}},
      {kProperties, "string", "EUR", {"currency"}},
      {kTraits, "number", "41", {"age"}},
      {kTraits, "object", "", {"address", "company"}},
      {kTraits, "string", "1990-12-31", {"birthday", "createdAt"}},
      {kTraits,
       "string",
       "",
       {"avatar", "description", "email", "firstName", "gender", "id", "lastName", "name", "phone",
        "title", "username", "website"}},
      {kContext, "boolean", "", {"active"}},
      {kContext, "string", "x", {"channel", "groupId", "ip", "locale", "timezone", "userAgent"}},
      {kContext,
       "object",
       "",
       {"app", "campaign", "device", "library", "location", "network", "os", "page", "referrer",
        "screen", "traits", "userAgentData"}},
  };
  for (const Case& test : kCases) {
    for (const char* name : test.members) {
      std::vector<std::string> expected = {test.type, "null"};
      EXPECT_THAT(TypesTaken(test.names, name, test.text), ElementsAreArray(expected)) << name;
    }
  }
}

TEST(ReservedNamesTest, AnyOtherNameTakesAnything) {
  for (const ReservedNames names : {kProperties, kTraits, kContext}) {
    for (const char* name : {"", "Name", "names", "user_id", "location_info"}) {
      EXPECT_EQ(TypesTaken(names, name, "x").size(), AllTypes().size()) << name;
    }
  }
  EXPECT_EQ(TypesTaken(kProperties, "age", "x").size(), AllTypes().size());
  EXPECT_EQ(TypesTaken(kTraits, "revenue", "x").size(), AllTypes().size());
}

TEST(ReservedNamesTest, DatesAreIso8601) {
  const auto is_date = [](absl::string_view text) {
    return KeepsReservedType(kTraits, "createdAt", JsonType::string, text) &&
           KeepsReservedType(kTraits, "birthday", JsonType::string, text);
  };
  for (const char* date : {"1990-12-31", "2024-02-29", "2024-02-29T08:15:00.000Z",
                           "2024-02-29T08:15:00Z", "2024-02-29T08:15:00.123456+05:30"}) {
    EXPECT_TRUE(is_date(date)) << date;
  }
  for (const char* text :
       {"", "x", "1990", "1990-12", "1990-2-31", "1990-02-30", "1990-13-01", "31.12.1990",
        "1990/12/31", "19901-1-01", " 1990-12-3", "2024-02-29T08:15:00", "2024-02-29 08:15:00Z",
        "Thu Feb 29 2024", "1709194500", "1709194500000"}) {
    EXPECT_FALSE(is_date(text)) << text;
  }
}

TEST(ReservedNamesTest, CurrenciesAreThreeCapitals) {
  for (const char* text : {"", "eur", "EURO", "EU", "E1R",
                           "\xC3\x84"
                           "A"}) {
    EXPECT_FALSE(KeepsReservedType(kProperties, "currency", JsonType::string, text)) << text;
  }
  EXPECT_TRUE(KeepsReservedType(kProperties, "currency", JsonType::string, "SEK"));
}

}  // namespace
}  // namespace logexport::sandbox
