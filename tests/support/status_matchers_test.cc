#include "tests/support/status_matchers.h"

#include <memory>
#include <string>
#include <utility>

namespace logexport {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pointee;

absl::StatusOr<std::unique_ptr<int>> Seven() { return std::make_unique<int>(7); }

TEST(StatusMatchersTest, TellOkFromAnError) {
  EXPECT_THAT(absl::OkStatus(), IsOk());
  EXPECT_THAT(absl::InternalError("x"), Not(IsOk()));
  EXPECT_THAT(absl::StatusOr<int>(1), IsOk());
  EXPECT_THAT(absl::StatusOr<int>(absl::InternalError("x")), Not(IsOk()));
}

TEST(StatusMatchersTest, CompareTheHeldValue) {
  EXPECT_THAT(absl::StatusOr<int>(1), IsOkAndHolds(1));
  EXPECT_THAT(absl::StatusOr<int>(1), Not(IsOkAndHolds(2)));
  EXPECT_THAT(absl::StatusOr<std::string>("abc"), IsOkAndHolds(HasSubstr("b")));
  EXPECT_THAT(absl::StatusOr<int>(absl::InternalError("x")), Not(IsOkAndHolds(1)));
}

TEST(StatusMatchersTest, CompareCodeAndMessage) {
  const absl::Status status = absl::NotFoundError("no such run");
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kNotFound, HasSubstr("run")));
  EXPECT_THAT(status, Not(StatusIs(absl::StatusCode::kAborted)));
  EXPECT_THAT(status, Not(StatusIs(absl::StatusCode::kNotFound, HasSubstr("checkpoint"))));
}

TEST(StatusMatchersTest, MoveOutTheHeldValue) {
  ASSERT_OK_AND_ASSIGN(const std::unique_ptr<int> seven, Seven());
  EXPECT_THAT(seven, Pointee(7));
}

}  // namespace
}  // namespace logexport
