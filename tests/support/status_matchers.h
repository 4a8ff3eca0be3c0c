#ifndef LOGEXPORT_TESTS_SUPPORT_STATUS_MATCHERS_H_
#define LOGEXPORT_TESTS_SUPPORT_STATUS_MATCHERS_H_

#include <ostream>
#include <string>
#include <type_traits>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

// Matchers for absl::Status and absl::StatusOr, which this version of Abseil does not bring along:
//
//   EXPECT_THAT(store.Open(), IsOk());
//   EXPECT_THAT(ParseCron("0 0 * * *"), IsOkAndHolds(expected));
//   EXPECT_THAT(ParseCron("x"), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("field")));
//   ASSERT_OK_AND_ASSIGN(const Cron cron, ParseCron("0 0 * * *"));

namespace logexport {
namespace internal_status_matchers {

inline const absl::Status& ToStatus(const absl::Status& status) { return status; }
template <typename T>
const absl::Status& ToStatus(const absl::StatusOr<T>& result) {
  return result.status();
}

// True if `status` is OK; otherwise tells `listener` what it is.
bool ExplainIsOk(const absl::Status& status, ::testing::MatchResultListener* listener);

bool ExplainStatusIs(const absl::Status& status, absl::StatusCode code,
                     const ::testing::Matcher<const std::string&>& message,
                     ::testing::MatchResultListener* listener);

class IsOkMatcher {
 public:
  template <typename StatusLike>
  bool MatchAndExplain(const StatusLike& value, ::testing::MatchResultListener* listener) const {
    return ExplainIsOk(ToStatus(value), listener);
  }
  void DescribeTo(std::ostream* os) const { *os << "is OK"; }
  void DescribeNegationTo(std::ostream* os) const { *os << "is not OK"; }
};

class StatusIsMatcher {
 public:
  StatusIsMatcher(absl::StatusCode code, ::testing::Matcher<const std::string&> message)
      : code_(code), message_(std::move(message)) {}

  template <typename StatusLike>
  bool MatchAndExplain(const StatusLike& value, ::testing::MatchResultListener* listener) const {
    return ExplainStatusIs(ToStatus(value), code_, message_, listener);
  }
  void DescribeTo(std::ostream* os) const;
  void DescribeNegationTo(std::ostream* os) const;

 private:
  absl::StatusCode code_;
  ::testing::Matcher<const std::string&> message_;
};

template <typename StatusOrType>
class IsOkAndHoldsMatcher : public ::testing::MatcherInterface<StatusOrType> {
 public:
  using Value = typename std::remove_cv_t<std::remove_reference_t<StatusOrType>>::value_type;

  template <typename Inner>
  explicit IsOkAndHoldsMatcher(Inner inner)
      : inner_(::testing::SafeMatcherCast<const Value&>(std::move(inner))) {}

  bool MatchAndExplain(StatusOrType result,
                       ::testing::MatchResultListener* listener) const override {
    return ExplainIsOk(result.status(), listener) && inner_.MatchAndExplain(*result, listener);
  }
  void DescribeTo(std::ostream* os) const override {
    *os << "is OK and holds a value that ";
    inner_.DescribeTo(os);
  }

 private:
  ::testing::Matcher<const Value&> inner_;
};

template <typename Inner>
class IsOkAndHoldsFactory {
 public:
  explicit IsOkAndHoldsFactory(Inner inner) : inner_(std::move(inner)) {}

  template <typename StatusOrType>
  operator ::testing::Matcher<StatusOrType>() const {  // NOLINT(google-explicit-constructor)
    return ::testing::Matcher<StatusOrType>(
        new IsOkAndHoldsMatcher<const std::remove_reference_t<StatusOrType>&>(inner_));
  }

 private:
  Inner inner_;
};

}  // namespace internal_status_matchers

inline auto IsOk() {
  return ::testing::MakePolymorphicMatcher(internal_status_matchers::IsOkMatcher());
}

inline auto StatusIs(absl::StatusCode code, ::testing::Matcher<const std::string&> message) {
  return ::testing::MakePolymorphicMatcher(
      internal_status_matchers::StatusIsMatcher(code, std::move(message)));
}
inline auto StatusIs(absl::StatusCode code) { return StatusIs(code, ::testing::_); }

// `inner` is a value or a matcher of the value.
template <typename Inner>
auto IsOkAndHolds(Inner inner) {
  return internal_status_matchers::IsOkAndHoldsFactory<Inner>(std::move(inner));
}

}  // namespace logexport

#define LOGEXPORT_TEST_CONCAT_INNER(a, b) a##b
#define LOGEXPORT_TEST_CONCAT(a, b) LOGEXPORT_TEST_CONCAT_INNER(a, b)

// Ends the test when `expression`, an absl::StatusOr, is not OK; else moves its value into
// `declaration`.
#define ASSERT_OK_AND_ASSIGN(declaration, expression)                                      \
  LOGEXPORT_ASSERT_OK_AND_ASSIGN(LOGEXPORT_TEST_CONCAT(status_or_, __LINE__), declaration, \
                                 expression)
#define LOGEXPORT_ASSERT_OK_AND_ASSIGN(result, declaration, expression) \
  auto result = (expression);                                           \
  ASSERT_THAT(result, ::logexport::IsOk());                             \
  declaration = *std::move(result)

#endif  // LOGEXPORT_TESTS_SUPPORT_STATUS_MATCHERS_H_
