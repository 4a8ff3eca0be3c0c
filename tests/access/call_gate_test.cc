// The gate as any way in uses it: no transport is there.
#include "service/access/call_gate.h"

#include <stdexcept>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/base/logging.h"
#include "service/base/random.h"
#include "service/control/api_error.h"
#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"

namespace logexport {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;

class OneIdentity final : public Authenticator {
 public:
  absl::StatusOr<Identity> Identify(const IncomingCall& call) override {
    if (call.authorization != "known") return Unauthenticated("nobody");
    return Identity{{"ana", /*verified=*/true}, role};
  }
  absl::StatusOr<Identity> IdentifyAgain(const Caller& caller, const Credential&) override {
    return Identity{caller, role};
  }
  v1::Role role = v1::ROLE_OPERATOR;
};

class CallGateTest : public ::testing::Test {
 protected:
  // The reason of the refusal, or empty when the body was called.
  std::string Reason(const std::string& method, bool known = true) {
    IncomingCall call;
    call.method = method;
    call.address = "here";
    if (known) call.authorization = "known";
    call.cancelled = [this] { return cancelled_; };
    called_ = false;
    const CallOutcome outcome = gate_.Pass(call, [&](const Call& admitted) {
      called_ = true;
      EXPECT_EQ(admitted.caller.name, "ana");
      return body_;
    });
    EXPECT_FALSE(outcome.request_id.empty());
    return outcome.status.ok() ? "" : ApiErrorOf(outcome.status).reason;
  }

  OneIdentity authenticator_;
  FakeClock clock_;
  CallGate gate_{authenticator_, clock_, SystemRandom(), nullptr};
  absl::Status body_;
  bool cancelled_ = false;
  bool called_ = false;
};

TEST_F(CallGateTest, OnlyKnownCallersWithTheRoleGetIn) {
  EXPECT_EQ(Reason("RunNow"), "");
  EXPECT_TRUE(called_);
  EXPECT_EQ(Reason("RunNow", /*known=*/false), "UNAUTHENTICATED");
  EXPECT_FALSE(called_);
  EXPECT_EQ(Reason("UpdateConfig"), "ROLE_REQUIRED");
  EXPECT_FALSE(called_);
  EXPECT_EQ(Reason("NoSuchMethod"), "ROLE_REQUIRED") << "what is not known is for admins";
}

TEST_F(CallGateTest, NothingIsDoneForACallThatIsGivenUpOrAfterTheEnd) {
  cancelled_ = true;
  EXPECT_EQ(Reason("RunNow"), "CALL_CANCELLED");
  EXPECT_FALSE(called_);
  cancelled_ = false;
  gate_.Close();
  EXPECT_EQ(Reason("RunNow"), "SHUTTING_DOWN");
  EXPECT_FALSE(called_);
}

// An answer that refuses points to the log by its request id.
TEST_F(CallGateTest, EachRefusedCallIsOneLineAtTheDefaultLevel) {
  SetUpLogging(LogFormat::kText, LogLevel::kInfo);
  const auto lines_of = [this](const std::string& method, bool known) {
    ::testing::internal::CaptureStderr();
    Reason(method, known);
    return ::testing::internal::GetCapturedStderr();
  };
  EXPECT_EQ(lines_of("RunNow", true), "");
  const auto refused = [](const std::string& method, const std::string& reason) {
    return AllOf(HasSubstr("call was refused"), HasSubstr("request_id="),
                 HasSubstr("method=" + method), HasSubstr("reason=" + reason),
                 HasSubstr("address=here"), EndsWith("\n"));
  };
  EXPECT_THAT(lines_of("RunNow", false), refused("RunNow", "UNAUTHENTICATED"));
  EXPECT_THAT(lines_of("UpdateConfig", true),
              AllOf(refused("UpdateConfig", "ROLE_REQUIRED"), HasSubstr("caller=ana")));
  body_ = RunNotFound("run-1");
  EXPECT_THAT(lines_of("RunNow", true), refused("RunNow", "RUN_NOT_FOUND"));
  // Whoever goes away is refused nothing.
  cancelled_ = true;
  EXPECT_EQ(lines_of("RunNow", true), "");
}

TEST_F(CallGateTest, AnExceptionEndsTheCallAndNotTheProcess) {
  IncomingCall call;
  call.method = "GetStatus";
  call.authorization = "known";
  call.cancelled = [] { return false; };
  const CallOutcome outcome =
      gate_.Pass(call, [](const Call&) -> absl::Status { throw std::runtime_error("broken"); });
  EXPECT_EQ(ApiErrorOf(outcome.status).reason, "INTERNAL");
}

TEST(RequestSizeTest, ALargeRequestIsRefusedWithItsSize) {
  EXPECT_THAT(CheckRequestSize(kLargestRequest), IsOk());
  const ApiError error = ApiErrorOf(CheckRequestSize(kLargestRequest + 1));
  EXPECT_EQ(error.reason, "REQUEST_TOO_LARGE");
  EXPECT_EQ(error.metadata.at("bytes"), "4194305");
}

}  // namespace
}  // namespace logexport
