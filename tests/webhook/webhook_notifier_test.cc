#include "service/webhook/webhook_notifier.h"

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/webhook/webhook_signature.h"
#include "tests/support/fake_clock.h"
#include "tests/support/scripted_transport.h"

namespace logexport {
namespace {

using ::testing::_;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;
using Result = Notifier::Result;

constexpr char kUrl[] = "https://events.example/v2/hooks/sEcReTtOkEn123?key=anotherSecret";

// Expected values: Python's hmac and base64.
TEST(WebhookSignatureTest, IsThatOfStandardWebhooks) {
  const absl::Time time = absl::FromUnixSeconds(1'614'265'330) + absl::Milliseconds(900);
  EXPECT_EQ(WebhookSignature("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLw", "msg_p5jXN8AQM9LWM0D4loKWxJek",
                             time, R"({"test": 2432232314})"),
            "v1,/Xy7FLfFISa1TZH7WLT+0x/orG5MlcutAFOpVan3/00=");
  EXPECT_EQ(WebhookSignature("sixteen-and-more", "evt_1", time, "{}"),
            "v1,qpeaI0VUSP2vwy1WaJe9QEnmYR0T30Czofa73pO5OMA=");
  // What only looks like base64 is a key like any other.
  EXPECT_EQ(WebhookSignature("whsec_not base64!", "evt_1", time, "{}"),
            "v1,j0WoOdYyI0uog2ba64adrqjiNFvdMCUXhih45emOKRk=");
}

class WebhookNotifierTest : public ::testing::Test {
 protected:
  WebhookNotifierTest() : notifier_(MakeWebhookNotifier(http_, clock_)) {}

  Notifier::Outcome Deliver() {
    return notifier_->Deliver({kUrl, "sixteen-and-more"}, R"({"id":"evt_1"})", {});
  }
  Notifier::Outcome After(absl::StatusOr<HttpResponse> answer) {
    http_.Answer(HttpMethod::kPost, _, std::move(answer));
    return Deliver();
  }

  ScriptedTransport http_;
  FakeClock clock_;
  std::unique_ptr<Notifier> notifier_;
};

TEST_F(WebhookNotifierTest, PostsTheEventSigned) {
  const Notifier::Outcome outcome = After(MakeResponse(202, "queued"));
  EXPECT_EQ(outcome.result, Result::kSent);
  EXPECT_EQ(outcome.http_status, 202);
  EXPECT_EQ(outcome.answer, "queued");
  ASSERT_THAT(http_.requests(), SizeIs(1));
  const RecordedRequest request = http_.requests()[0];
  EXPECT_EQ(request.url, kUrl);
  EXPECT_EQ(request.body, R"({"id":"evt_1"})");
  EXPECT_EQ(request.Header("Content-Type"), "application/json");
  EXPECT_EQ(request.Header("webhook-id"), "evt_1");
  EXPECT_EQ(request.Header("webhook-timestamp"), absl::StrCat(absl::ToUnixSeconds(clock_.Now())));
  EXPECT_EQ(request.Header("webhook-signature"),
            WebhookSignature("sixteen-and-more", "evt_1", clock_.Now(), request.body));
  EXPECT_LE(request.timeout, absl::Seconds(30));
}

TEST_F(WebhookNotifierTest, EachAttemptHasItsOwnTimeAndTheSameId) {
  After(MakeResponse(503));
  clock_.Advance(absl::Seconds(90));
  After(MakeResponse(200));
  const auto requests = http_.requests();
  ASSERT_THAT(requests, SizeIs(2));
  EXPECT_EQ(requests[0].Header("webhook-id"), requests[1].Header("webhook-id"));
  EXPECT_NE(requests[0].Header("webhook-timestamp"), requests[1].Header("webhook-timestamp"));
  EXPECT_NE(requests[0].Header("webhook-signature"), requests[1].Header("webhook-signature"));
}

TEST_F(WebhookNotifierTest, TriesAgainWhatMayPass) {
  for (const int status : {408, 425, 429, 500, 502, 503, 504}) {
    EXPECT_EQ(After(MakeResponse(status)).result, Result::kTryLater) << status;
  }
  EXPECT_EQ(After(absl::UnavailableError("reset")).result, Result::kTryLater);
  EXPECT_EQ(After(absl::DeadlineExceededError("slow")).result, Result::kTryLater);
  EXPECT_EQ(After(MakeResponse(429, "", {{"Retry-After", "40"}})).retry_after, absl::Seconds(40));
  EXPECT_EQ(After(MakeResponse(503, "", {{"Retry-After", "999999"}})).retry_after, absl::Hours(1));
}

TEST_F(WebhookNotifierTest, GivesUpWhatCannotPassAndSaysWhatToDo) {
  for (const int status : {301, 400, 401, 403, 404, 410, 413, 422}) {
    const Notifier::Outcome outcome = After(MakeResponse(status, "no"));
    EXPECT_EQ(outcome.result, Result::kRefused) << status;
    EXPECT_EQ(outcome.http_status, status);
    EXPECT_THAT(outcome.answer, AllOf(HasSubstr("no; "))) << status;
  }
  const Notifier::Outcome untrusted = After(absl::FailedPreconditionError("certificate"));
  EXPECT_EQ(untrusted.result, Result::kRefused);
  EXPECT_THAT(untrusted.answer, HasSubstr("webhook.url"));
  EXPECT_EQ(After(MakeResponse(200, std::string(100'000, 'x'))).result, Result::kRefused);
}

TEST_F(WebhookNotifierTest, NoAnswerShowsASecret) {
  const Notifier::Outcome outcome =
      After(MakeResponse(400, absl::StrCat("bad request to ", kUrl,
                                           " signed sixteen-and-more, key "
                                           "anotherSecret\n")));
  EXPECT_THAT(outcome.answer, AllOf(HasSubstr("bad request"), Not(HasSubstr("sEcReTtOkEn123")),
                                    Not(HasSubstr("anotherSecret")), Not(HasSubstr("sixteen")),
                                    Not(HasSubstr("\n"))));
}

}  // namespace
}  // namespace logexport
