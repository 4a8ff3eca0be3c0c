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

}  // namespace
}  // namespace logexport
