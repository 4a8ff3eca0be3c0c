#include "service/segment/answer.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/export/failure.h"
#include "tests/support/scripted_transport.h"
#include "tests/support/status_matchers.h"

namespace logexport {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

const absl::Time kNow = absl::FromUnixSeconds(1'795'392'000);  // Mon, 23 Nov 2026 00:00:00 GMT

absl::Status Judge(int status, std::string body = "", std::vector<HttpHeader> headers = {}) {
  return JudgeAnswer(MakeResponse(status, std::move(body), std::move(headers)), kNow);
}

TEST(AnswerTest, AcceptedIsOnlyWhatSegmentOrRudderStackSaysWhenItAccepts) {
  for (const char* body : {R"({"success":true})", R"({ "success" : true })", R"({"ok":true})",
                           R"({"success":true,"other":[1]})", "OK", " OK\n"}) {
    EXPECT_THAT(Judge(200, body), IsOk()) << body;
  }
  for (const char* body :
       {"", R"({"success":false})", R"({"success":"true"})", R"({"success":1})", "ok", "OKAY",
        R"([{"success":true}])", R"({"success":true,"success":false})", R"({"data":{"ok":true}})",
        R"({"success":true)", "<html><body>OK</body></html>", "true"}) {
    const Failure failure = FailureOf(Judge(200, body));
    EXPECT_EQ(failure.reason, FailureReason::kSegmentUnexpectedResponse) << body;
    EXPECT_EQ(failure.kind, FailureClass::kTransient) << body;
  }
}

struct StatusCase {
  int status;
  FailureReason reason;
  FailureClass kind;
};

TEST(AnswerTest, EveryStatusHasAMeaning) {
  const std::vector<StatusCase> cases = {
      {201, FailureReason::kSegmentUnexpectedResponse, FailureClass::kTransient},
      {204, FailureReason::kSegmentUnexpectedResponse, FailureClass::kTransient},
      {301, FailureReason::kSegmentUnexpectedResponse, FailureClass::kTransient},
      {304, FailureReason::kSegmentUnexpectedResponse, FailureClass::kTransient},
      {400, FailureReason::kSegmentRefusedBatch, FailureClass::kPermanent},
      {401, FailureReason::kSegmentCredentialsRejected, FailureClass::kPermanent},
      {402, FailureReason::kSegmentRefuses, FailureClass::kPermanent},
      {403, FailureReason::kSegmentCredentialsRejected, FailureClass::kPermanent},
      {404, FailureReason::kSegmentCredentialsRejected, FailureClass::kPermanent},
      {405, FailureReason::kSegmentRefuses, FailureClass::kPermanent},
      {408, FailureReason::kSegmentUnavailable, FailureClass::kTransient},
      {410, FailureReason::kSegmentUnavailable, FailureClass::kTransient},
      {413, FailureReason::kSegmentTooLarge, FailureClass::kPermanent},
      {415, FailureReason::kSegmentRefuses, FailureClass::kPermanent},
      {429, FailureReason::kSegmentRateLimited, FailureClass::kLimited},
      {460, FailureReason::kSegmentUnavailable, FailureClass::kTransient},
      {500, FailureReason::kSegmentUnavailable, FailureClass::kTransient},
      {501, FailureReason::kSegmentRefuses, FailureClass::kPermanent},
      {502, FailureReason::kSegmentUnavailable, FailureClass::kTransient},
      {503, FailureReason::kSegmentUnavailable, FailureClass::kTransient},
      {504, FailureReason::kSegmentUnavailable, FailureClass::kTransient},
      {505, FailureReason::kSegmentRefuses, FailureClass::kPermanent},
      {511, FailureReason::kSegmentUnavailable, FailureClass::kTransient},
      {599, FailureReason::kSegmentUnavailable, FailureClass::kTransient},
  };
  for (const StatusCase& c : cases) {
    const Failure failure = FailureOf(Judge(c.status, R"({"success":true})"));
    EXPECT_EQ(failure.reason, c.reason) << c.status;
    EXPECT_EQ(failure.kind, c.kind) << c.status;
    EXPECT_EQ(failure.origin, Origin::kSegment) << c.status;
    EXPECT_THAT(failure.message, HasSubstr(absl::StrCat(c.status)));
    EXPECT_FALSE(failure.action.empty()) << c.status;
  }
}

TEST(AnswerTest, ConfigurationErrorsNameTheSettingsToCheck) {
  for (const int status : {401, 403}) {
    EXPECT_THAT(FailureOf(Judge(status, "invalid write key")).action,
                AllOf(HasSubstr("SEGMENT_KEY"), HasSubstr("SEGMENT_ENDPOINT")));
  }
  EXPECT_THAT(FailureOf(Judge(404)).action, HasSubstr("SEGMENT_ENDPOINT"));
}

TEST(AnswerTest, TheServersWordsAreTold) {
  EXPECT_THAT(FailureOf(Judge(400, "Bad Request")).message, HasSubstr("\"Bad Request\""));
  EXPECT_THAT(FailureOf(Judge(400, R"({"success":false,"message":"malformed \"JSON\""})")).message,
              HasSubstr("malformed \"JSON\""));
  EXPECT_THAT(FailureOf(Judge(400, R"({"error":{"code":1},"msg":"no batch"})")).message,
              HasSubstr("no batch"));
  EXPECT_THAT(FailureOf(Judge(500)).message, HasSubstr("empty body"));
}

TEST(AnswerTest, TheServersWordsAreMadeHarmless) {
  const std::string long_words = FailureOf(Judge(400, std::string(60'000, 'x'))).message;
  EXPECT_LT(long_words.size(), 400u);
  EXPECT_THAT(long_words, HasSubstr("…"));
  EXPECT_THAT(FailureOf(Judge(400, "a\nb\x01\xff")).message, HasSubstr("a b \xEF\xBF\xBD"));
}

TEST(AnswerTest, WaitsAreTakenFromTheHeadersAndCapped) {
  const auto wait = [](int status, std::vector<HttpHeader> headers) {
    return FailureOf(Judge(status, "", std::move(headers))).retry_after;
  };
  EXPECT_EQ(wait(429, {{"Retry-After", "7"}}), absl::Seconds(7));
  EXPECT_EQ(wait(429, {{"X-RateLimit-Reset", "12"}}), absl::Seconds(12));
  EXPECT_EQ(wait(429, {{"X-RateLimit-Reset", "12"}, {"retry-after", "3"}}), absl::Seconds(3));
  EXPECT_EQ(wait(429, {{"Retry-After", "soon"}, {"X-RateLimit-Reset", "12"}}), absl::Seconds(12));
  EXPECT_EQ(wait(429, {{"Retry-After", "Mon, 23 Nov 2026 00:00:09 GMT"}}), absl::Seconds(9));
  EXPECT_EQ(wait(429, {{"Retry-After", "Sun, 22 Nov 2026 00:00:09 GMT"}}), absl::ZeroDuration());
  EXPECT_EQ(wait(429, {{"Retry-After", "86400"}}), absl::Minutes(5));
  EXPECT_EQ(wait(503, {{"Retry-After", "5"}}), absl::Seconds(5));
  EXPECT_EQ(wait(429, {}), std::nullopt);
}

TEST(AnswerTest, NoAnswerIsTransientUnlessItNeverCouldCome) {
  struct Case {
    absl::Status error;
    FailureClass kind;
  };
  const std::vector<Case> cases = {
      {absl::UnavailableError("connection reset"), FailureClass::kTransient},
      {absl::DeadlineExceededError("timed out"), FailureClass::kTransient},
      {absl::ResourceExhaustedError("too large"), FailureClass::kTransient},
      {absl::FailedPreconditionError("certificate has expired"), FailureClass::kPermanent},
      {absl::InvalidArgumentError("http:// beyond loopback"), FailureClass::kPermanent},
      {absl::CancelledError("stopped"), FailureClass::kStopped},
  };
  for (const Case& c : cases) {
    const Failure failure = FailureOf(JudgeNoAnswer(c.error));
    EXPECT_EQ(failure.kind, c.kind) << c.error;
    EXPECT_EQ(failure.origin, Origin::kSegment) << c.error;
  }
  EXPECT_THAT(FailureOf(JudgeNoAnswer(absl::UnavailableError("connection reset"))).message,
              HasSubstr("connection reset"));
}

}  // namespace
}  // namespace logexport
