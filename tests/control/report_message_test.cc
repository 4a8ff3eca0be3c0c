#include "service/control/report_message.h"

#include <cstdint>
#include <limits>
#include <string>

#include "absl/time/time.h"
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

namespace logexport {
namespace {

std::string Json(const google::protobuf::Message& message) {
  std::string json;
  const auto status = google::protobuf::util::MessageToJsonString(message, &json);
  EXPECT_TRUE(status.ok()) << status.ToString();
  return json;
}

TEST(ReportMessageTest, EveryTimeHasAJsonForm) {
  EXPECT_EQ(Json(ToProto(absl::FromUnixMillis(1'795'392'000'123))), "\"2026-11-23T00:00:00.123Z\"");
  EXPECT_EQ(Json(ToProto(absl::FromUnixMillis(-1))), "\"1969-12-31T23:59:59.999Z\"");
  for (const absl::Time early :
       {absl::InfinitePast(), absl::FromCivil(absl::CivilYear(0), absl::UTCTimeZone()),
        absl::FromCivil(absl::CivilYear(-290'000), absl::UTCTimeZone())}) {
    EXPECT_EQ(Json(ToProto(early)), "\"0001-01-01T00:00:00Z\"");
  }
  for (const absl::Time late :
       {absl::InfiniteFuture(), absl::FromCivil(absl::CivilYear(10'000), absl::UTCTimeZone()),
        absl::FromCivil(absl::CivilYear(290'000), absl::UTCTimeZone())}) {
    EXPECT_EQ(Json(ToProto(late)), "\"9999-12-31T23:59:59.999999999Z\"");
  }
}

TEST(ReportMessageTest, TimesFromCallersAreTimesThatCanBeWritten) {
  google::protobuf::Timestamp time;
  time.set_seconds(std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(Json(ToProto(FromProto(time))), "\"0001-01-01T00:00:00Z\"");
  EXPECT_GT(FromProto(time), absl::InfinitePast());
  time.set_seconds(std::numeric_limits<std::int64_t>::max());
  time.set_nanos(5);
  EXPECT_LT(FromProto(time), absl::InfiniteFuture());
}

TEST(ReportMessageTest, EveryDurationHasAJsonForm) {
  EXPECT_EQ(Json(ToProto(absl::Milliseconds(1500))), "\"1.500s\"");
  EXPECT_EQ(Json(ToProto(-absl::Milliseconds(1500))), "\"-1.500s\"");
  EXPECT_EQ(Json(ToProto(absl::InfiniteDuration())), "\"315576000000s\"");
  EXPECT_EQ(Json(ToProto(-absl::InfiniteDuration())), "\"-315576000000s\"");
}

}  // namespace
}  // namespace logexport
