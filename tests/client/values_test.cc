#include "client/cli/values.h"

#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "logexport/observatory/v1/observatory.pb.h"
#include "logexport/v1/report.pb.h"

namespace logexport::cli {
namespace {

using Request = observatory::v1::PointTelescopeRequest;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

ValueContext Context() {
  ValueContext context;
  context.now = absl::FromUnixSeconds(1'000'000);
  context.zone = absl::UTCTimeZone();
  context.read_file = [](const std::string& path) -> absl::StatusOr<std::string> {
    if (path == "filters.json") return std::string(R"([{"name":"a"},{"name":"b"}])");
    if (path == "image") return std::string("\x01\x02\xff", 3);
    return absl::NotFoundError("cannot read " + path);
  };
  return context;
}

absl::Status Set(Request& request, const std::string& name, const std::vector<std::string>& texts) {
  const auto flags = FlagsOf(Request::descriptor());
  const Flag* flag = FindFlag(flags, name);
  if (flag == nullptr) return absl::NotFoundError(name);
  return SetValue(*flag, texts, Context(), request);
}

// Sets one flag of an empty request and answers the request, or the error, as text.
std::string Outcome(const std::string& name, const std::vector<std::string>& texts) {
  Request request;
  const absl::Status status = Set(request, name, texts);
  return status.ok() ? request.ShortDebugString() : std::string(status.message());
}

TEST(SetValueTest, ReadsEveryKindOfField) {
  struct Case {
    std::string flag;
    std::vector<std::string> texts;
    std::string expected;
  };
  const std::vector<Case> cases = {
      {"star", {"Wega"}, "star: \"Wega\""},
      {"star", {""}, ""},
      {"coordinates.declination", {"-16.7"}, "coordinates { declination: -16.7 }"},
      {"coordinates.right-ascension.hours", {"6"}, "coordinates { right_ascension { hours: 6 } }"},
      {"coordinates.right-ascension.measurement",
       {"instrument=eye"},
       "coordinates { right_ascension { measurement { instrument: \"eye\" } } }"},
      {"everything", {"true"}, "everything { }"},
      {"at-time", {"-1h"}, "at_time { seconds: 996400 }"},
      {"at-time", {"1969-12-31T23:59:59.5Z"}, "at_time { seconds: -1 nanos: 500000000 }"},
      {"exposure", {"1m30s"}, "exposure { seconds: 90 }"},
      {"exposure", {"-1.5s"}, "exposure { seconds: -1 nanos: -500000000 }"},
      {"lamp", {"deep-red"}, "lamp: LAMP_COLOR_DEEP_RED"},
      {"lamp", {"LAMP_COLOR_RED"}, "lamp: LAMP_COLOR_RED"},
      {"lamp", {"Red"}, "lamp: LAMP_COLOR_RED"},
      {"lamp", {"2"}, "lamp: LAMP_COLOR_DEEP_RED"},
      {"filters", {"name=uv,wave_length=380"}, "filters { name: \"uv\" wave_length: 380 }"},
      {"filters",
       {R"({"name":"uv","waveLength":380})"},
       "filters { name: \"uv\" wave_length: 380 }"},
      {"filters", {"name=a", "name=b"}, "filters { name: \"a\" } filters { name: \"b\" }"},
      {"filters", {"@filters.json"}, "filters { name: \"a\" } filters { name: \"b\" }"},
      {"filters", {""}, ""},
      {"remarks", {"ann=clear sky"}, "remarks { key: \"ann\" value: \"clear sky\" }"},
      {"image", {"AQI="}, "image: \"\\001\\002\""},
      {"image", {"@image"}, "image: \"\\001\\002\\377\""},
      {"track", {"true"}, "track: true"},
      {"track", {"false"}, "track: false"},
      {"magnitudes", {"1.5,2", "-3"}, "magnitudes: 1.5 magnitudes: 2 magnitudes: -3"},
      {"magnitudes", {""}, ""},
      {"cameras", {"18446744073709551615"}, "cameras: 18446744073709551615"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(Outcome(c.flag, c.texts), c.expected) << "--" << c.flag << " " << c.texts.front();
  }
}

TEST(SetValueTest, RefusesWhatTheFieldCannotHoldAndSaysWhatItCan) {
  struct Case {
    std::string flag;
    std::string text;
    std::string expected;
  };
  const std::vector<Case> cases = {
      {"coordinates.right-ascension.hours", "-1", "a whole number from 0 to 4294967295"},
      {"coordinates.declination", "north", "'north' is not a number"},
      {"cameras", "18446744073709551616", "a whole number from 0 to"},
      {"lamp", "deep-reb", "not one of red, deep-red; did you mean deep-red?"},
      {"lamp", "rouge", "not one of red, deep-red"},
      {"lamp", "99", "not one of"},
      {"lamp", "", "not one of"},
      {"track", "maybe", "'maybe' is not true or false"},
      {"image", "%%%", "base64"},
      {"image", "@nowhere", "cannot read nowhere"},
      {"exposure", "90", "write 90s"},
      {"at-time", "soon", "is not a time"},
      {"remarks", "no equals sign", "KEY=VALUE"},
      {"filters", "nme=x", "there is no key 'nme'; the keys are name, wave-length"},
      {"filters", R"({"nme":"x"})", "not JSON as expected"},
      {"filters", "{", "not JSON as expected"},
      {"coordinates.right-ascension.measurement", "[1]", "one JSON object"},
      {"star", "\xff\xfe", "UTF-8"},
  };
  for (const Case& c : cases) {
    EXPECT_THAT(Outcome(c.flag, {c.text}), HasSubstr(c.expected))
        << "--" << c.flag << " " << c.text;
  }
}

TEST(SetValueTest, RefusesTwoValuesForOneField) {
  EXPECT_THAT(Outcome("star", {"Wega", "Sirius"}), HasSubstr("more than once"));
}

TEST(SetValueTest, ReplacesWhatWasThereBefore) {
  Request request;
  request.add_magnitudes(9);
  ASSERT_TRUE(Set(request, "magnitudes", {"1"}).ok());
  EXPECT_THAT(request.magnitudes(), ElementsAre(1.0f));
  ASSERT_TRUE(Set(request, "magnitudes", {""}).ok());
  EXPECT_THAT(request.magnitudes(), ElementsAre());
}

TEST(SplitListTest, SplitsAtCommasThatAreNotEscaped) {
  EXPECT_THAT(SplitList("a,b"), ElementsAre("a", "b"));
  EXPECT_THAT(SplitList("a\\,b,c"), ElementsAre("a,b", "c"));
  EXPECT_THAT(SplitList("a,"), ElementsAre("a", ""));
  EXPECT_THAT(SplitList(""), ElementsAre(""));
}

TEST(FlagsTest, AreNamedByPathAndAvoidTheProgramsOwnNames) {
  std::vector<std::string> names;
  for (const Flag& flag : FlagsOf(Request::descriptor())) names.push_back(flag.name);
  EXPECT_THAT(names,
              ElementsAre("star", "coordinates.declination", "coordinates.right-ascension.hours",
                          "coordinates.right-ascension.measurement", "everything", "at-time",
                          "exposure", "lamp", "filters", "remarks", "image", "door-code", "track",
                          "magnitudes", "request.output", "cameras", "request-id"));
}

TEST(FlagsTest, FlattenTheResourceUnlessANameIsTaken) {
  std::vector<std::string> names;
  for (const Flag& flag : FlagsOf(observatory::v1::UpdateSettingsRequest::descriptor())) {
    names.push_back(flag.name);
  }
  EXPECT_THAT(names,
              ElementsAre("lamp.color", "lamp.lit", "settings.reason", "update-mask", "reason"));
}

TEST(FlagsTest, AreFoundByThePathsThatServersName) {
  const auto flags = FlagsOf(Request::descriptor());
  const auto find = [&](const char* path) {
    const Flag* flag = FindFlagByPath(flags, path);
    return flag == nullptr ? std::string("-") : flag->name;
  };
  EXPECT_EQ(find("star"), "star");
  EXPECT_EQ(find("coordinates.right_ascension.hours"), "coordinates.right-ascension.hours");
  EXPECT_EQ(find("filters[2].name"), "filters");
  EXPECT_EQ(find("coordinates.right_ascension.measurement.instrument"),
            "coordinates.right-ascension.measurement");
  EXPECT_EQ(find("no.such"), "-");
  EXPECT_EQ(find("starlight"), "-");
}

}  // namespace
}  // namespace logexport::cli
