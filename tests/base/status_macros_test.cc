#include "service/base/status_macros.h"

#include <memory>
#include <string>

#include "tests/support/status_matchers.h"

namespace logexport {
namespace {

absl::Status Twice(const absl::Status& first, const absl::Status& second) {
  RETURN_IF_ERROR(first);
  RETURN_IF_ERROR(second);
  return absl::OkStatus();
}

TEST(ReturnIfErrorTest, ReturnsTheFirstError) {
  const absl::Status a = absl::NotFoundError("a");
  const absl::Status b = absl::AbortedError("b");
  EXPECT_EQ(Twice(absl::OkStatus(), absl::OkStatus()), absl::OkStatus());
  EXPECT_EQ(Twice(a, b), a);
  EXPECT_EQ(Twice(absl::OkStatus(), b), b);
}

absl::StatusOr<std::unique_ptr<int>> Sum(absl::StatusOr<std::unique_ptr<int>> a,
                                         absl::StatusOr<int> b) {
  ASSIGN_OR_RETURN(std::unique_ptr<int> sum, std::move(a));
  ASSIGN_OR_RETURN(const int more, b);
  *sum += more;
  return sum;
}

TEST(AssignOrReturnTest, MovesTheValueOrReturnsTheError) {
  ASSERT_OK_AND_ASSIGN(const std::unique_ptr<int> sum, Sum(std::make_unique<int>(1), 2));
  EXPECT_EQ(*sum, 3);
  EXPECT_THAT(Sum(absl::NotFoundError("a"), 2), StatusIs(absl::StatusCode::kNotFound, "a"));
  EXPECT_THAT(Sum(std::make_unique<int>(1), absl::AbortedError("b")),
              StatusIs(absl::StatusCode::kAborted, "b"));
}

}  // namespace
}  // namespace logexport
