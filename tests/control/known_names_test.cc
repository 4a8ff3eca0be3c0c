#include "service/control/known_names.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "logexport/v1/errors.pb.h"

namespace logexport {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> Refused(const std::vector<std::string>& names) {
  const google::protobuf::RepeatedPtrField<std::string> field(names.begin(), names.end());
  std::vector<ApiError::Violation> violations;
  CheckNames("reasons", field, *v1::DeadLetterReason_descriptor(), &violations);
  std::vector<std::string> texts;
  for (const auto& violation : violations) {
    EXPECT_EQ(violation.field, "reasons");
    texts.push_back(violation.description);
  }
  return texts;
}

TEST(KnownNamesTest, TakesWhatThereIs) {
  EXPECT_THAT(Refused({}), IsEmpty());
  EXPECT_THAT(Refused({"SEGMENT_REJECTED", "INVALID_EVENT"}), IsEmpty());
}

TEST(KnownNamesTest, NamesTheNearest) {
  EXPECT_THAT(Refused({"segment_rejected"}),
              ElementsAre("there is no reason \"segment_rejected\"; did you mean "
                          "SEGMENT_REJECTED?"));
  EXPECT_THAT(Refused({"UNSPECIFIED", "EVENT_TOO_LARGE", "too-big"}),
              ElementsAre(HasSubstr("UNSPECIFIED"), HasSubstr("there are EVENT_TOO_LARGE, ")));
}

TEST(KnownNamesTest, CommandsStandForTheirCalls) {
  const std::vector<std::string> known = {"UpdateConfig", "Login"};
  for (const char* const name :
       {"UpdateConfig", "update-config", "update_config", "UPDATECONFIG"}) {
    EXPECT_EQ(AsKnown(name, known), "UpdateConfig");
  }
  EXPECT_EQ(AsKnown("update-configs", known), "update-configs");
}

TEST(KnownNamesTest, ALogTypeThatCannotBeIsRefused) {
  const std::vector<LogType> types = {{"s", "Success", "", "a", 1}, {"fp", "Failed", "", "a", 3}};
  const auto refused = [&](const std::string& code) {
    google::protobuf::RepeatedPtrField<std::string> codes;
    *codes.Add() = code;
    std::vector<ApiError::Violation> violations;
    CheckLogTypes("types", codes, types, &violations);
    return violations.empty() ? "" : violations[0].description;
  };
  EXPECT_EQ(refused("s"), "");
  EXPECT_EQ(refused("added_since"), "");
  EXPECT_EQ(refused("S"), "is \"S\"; write s, since case matters");
  for (const char* const code : {"'s'", "\"fp\"", "[s]", "s;fp", "*", " s", "", "<type>"}) {
    EXPECT_NE(refused(code), "") << code;
  }
}

TEST(KnownNamesTest, AnIdInQuotesIsRefused) {
  google::protobuf::RepeatedPtrField<std::string> ids;
  std::vector<ApiError::Violation> violations;
  for (const char* const id : {"900123", "sha256:abc", "5f3c|x"}) *ids.Add() = id;
  CheckLogIds("log_ids", ids, &violations);
  EXPECT_TRUE(violations.empty());
  for (const char* const id : {"\"900123\"", " 900123", "${ID}"}) *ids.Add() = id;
  CheckLogIds("log_ids", ids, &violations);
  EXPECT_EQ(violations.size(), 3U);
}

}  // namespace
}  // namespace logexport
