#include "tests/support/status_matchers.h"

#include <ostream>
#include <string>

namespace logexport::internal_status_matchers {

bool ExplainIsOk(const absl::Status& status, ::testing::MatchResultListener* listener) {
  *listener << "whose status is " << status.ToString();
  return status.ok();
}

bool ExplainStatusIs(const absl::Status& status, absl::StatusCode code,
                     const ::testing::Matcher<const std::string&>& message,
                     ::testing::MatchResultListener* listener) {
  *listener << "whose status is " << status.ToString();
  return status.code() == code && message.Matches(std::string(status.message()));
}

void StatusIsMatcher::DescribeTo(std::ostream* os) const {
  *os << "has code " << absl::StatusCodeToString(code_) << " and a message that ";
  message_.DescribeTo(os);
}

void StatusIsMatcher::DescribeNegationTo(std::ostream* os) const {
  *os << "has not code " << absl::StatusCodeToString(code_) << ", or a message that ";
  message_.DescribeNegationTo(os);
}

}  // namespace logexport::internal_status_matchers
