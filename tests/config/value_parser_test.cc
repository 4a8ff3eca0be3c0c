#include "service/config/value_parser.h"

#include <string>

#include "absl/status/status.h"
#include <gmock/gmock.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/duration.pb.h>
#include <gtest/gtest.h>

#include "logexport/v1/config.pb.h"
#include "service/config/schema.h"
#include "tests/support/status_matchers.h"

namespace logexport {
namespace {

using ::testing::HasSubstr;

TEST(ParseBoolTest, TakesTheUsualWords) {
  for (const char* text : {"true", "TRUE", "yes", "on", "1", " true "}) {
    EXPECT_THAT(ParseBool(text), IsOkAndHolds(true)) << text;
  }
  for (const char* text : {"false", "False", "no", "off", "0"}) {
    EXPECT_THAT(ParseBool(text), IsOkAndHolds(false)) << text;
  }
  for (const char* text : {"", "2", "t", "often", "truefalse"}) {
    EXPECT_THAT(ParseBool(text),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("true or false")))
        << text;
  }
}

class SetFromTextTest : public ::testing::Test {
 protected:
  absl::Status Set(const std::string& path, const std::string& text) {
    for (const ConfigField& field : ConfigFields()) {
      if (field.path == path) {
        return SetFromText(field.descriptor(), text, MutableHolder(field, &config_));
      }
    }
    return absl::NotFoundError(path);
  }

  v1::ExporterConfig config_;
};

TEST_F(SetFromTextTest, SetsEveryTypeOfField) {
  EXPECT_THAT(Set("auth0.domain", "acme.auth0.com"), IsOk());
  EXPECT_EQ(config_.auth0().domain(), "acme.auth0.com");
  EXPECT_THAT(Set("auth0.batch_size", "50"), IsOk());
  EXPECT_EQ(config_.auth0().batch_size(), 50);
  EXPECT_THAT(Set("run.max_logs", "5000000000"), IsOk());
  EXPECT_EQ(config_.run().max_logs(), 5'000'000'000);
  EXPECT_THAT(Set("segment.gzip", "no"), IsOk());
  EXPECT_TRUE(config_.segment().has_gzip());
  EXPECT_THAT(Set("auth0.settle_delay", "1.25s"), IsOk());
  EXPECT_EQ(config_.auth0().settle_delay().seconds(), 1);
  EXPECT_EQ(config_.auth0().settle_delay().nanos(), 250'000'000);
  EXPECT_THAT(Set("filter.types", "s"), IsOk());
  EXPECT_THAT(Set("filter.types", "fp"), IsOk());
  EXPECT_EQ(config_.filter().types_size(), 2);
}

TEST_F(SetFromTextTest, EnumsGoByShortNameFullNameOrNumber) {
  for (const char* text : {"log-event", "log_event", "LOG_EVENT", "EVENT_MAPPING_LOG_EVENT", "1"}) {
    config_.Clear();
    EXPECT_THAT(Set("segment.mapping", text), IsOk()) << text;
    EXPECT_EQ(config_.segment().mapping(), v1::EVENT_MAPPING_LOG_EVENT) << text;
  }
  EXPECT_THAT(Set("filter.min_level", "error"), IsOk());
  EXPECT_EQ(config_.filter().min_level(), v1::LOG_LEVEL_ERROR);
}

TEST_F(SetFromTextTest, EnumErrorsListWhatIsAllowed) {
  EXPECT_THAT(Set("segment.details", "json-sting"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("did you mean json-string?); write one of json-string, object, "
                                 "omit")));
  for (const char* text : {"", "unspecified", "DETAILS_FORMAT_UNSPECIFIED", "0", "17"}) {
    EXPECT_THAT(Set("segment.details", text), StatusIs(absl::StatusCode::kInvalidArgument)) << text;
  }
}

TEST_F(SetFromTextTest, DurationsHaveAUnit) {
  for (const char* text : {"", "90", "5 minutes", "-5s", "inf"}) {
    EXPECT_THAT(Set("auth0.settle_delay", text),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("90s, 5m, 1h30m or 2d")))
        << text;
  }
}

TEST_F(SetFromTextTest, NumbersAreWholeAndFit) {
  for (const char* text : {"", "1.5", "1e3", "0x10", "99999999999", "ten", "1_000"}) {
    EXPECT_THAT(Set("auth0.batch_size", text),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("whole number")))
        << text;
  }
}

}  // namespace
}  // namespace logexport
