#include "service/slack/webhook.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/slack/message.h"
#include "service/slack/slack_notifier.h"
#include "tests/support/fake_clock.h"
#include "tests/support/scripted_transport.h"

namespace logexport {
namespace {

using ::testing::_;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;
using Result = Notifier::Result;

constexpr char kWebhook[] = "https://hooks.slack.com/services/T0000001/B0000002/sEcReTtOkEn123";

std::string Payload() {
  return MessageBuilder(MessageBuilder::Tone::kBad, "Headline").Paragraph("text").Build();
}

Notifier::Outcome Deliver(ScriptedTransport& http) {
  FakeClock clock;
  return MakeSlackNotifier(http, clock)->Deliver({kWebhook, ""}, Payload(), {});
}

TEST(DeliveryTest, PostsThePayloadAsJson) {
  ScriptedTransport http;
  http.Answer(HttpMethod::kPost, kWebhook, MakeResponse(200, "ok"));
  const Notifier::Outcome outcome = Deliver(http);
  EXPECT_EQ(outcome.result, Result::kSent);
  EXPECT_EQ(outcome.http_status, 200);
  EXPECT_EQ(outcome.answer, "ok");
  ASSERT_THAT(http.requests(), SizeIs(1));
  EXPECT_EQ(http.requests()[0].body, Payload());
  EXPECT_EQ(http.requests()[0].Header("Content-Type"), "application/json; charset=utf-8");
  EXPECT_LE(http.requests()[0].timeout, absl::Seconds(30));
}

TEST(DeliveryTest, JudgesEveryAnswer) {
  struct Row {
    int status;
    std::string body;
    Result result;
    std::string answer;
  };
  const std::vector<Row> rows = {
      {200, "ok\n", Result::kSent, "ok"},
      {200, "<html>log in to the hotel's network</html>", Result::kRefused, "not an answer of"},
      // Receivers that are made like Slack's.
      {200, "", Result::kSent, ""},
      {200, "1", Result::kSent, "1"},
      {200, "{\"success\":true}", Result::kSent, "{\"success\":true}"},
      {204, "", Result::kRefused, "check slack.webhook"},
      {302, "", Result::kRefused, "redirects are not followed"},
      {401, "invalid_auth", Result::kRefused, "invalid_auth; Slack does not let this webhook"},
      {403, "action_prohibited", Result::kRefused, "action_prohibited; Slack does not let"},
      {404, "no_service", Result::kRefused, "no_service; the webhook does not exist any more"},
      {405, "", Result::kRefused, "check slack.webhook"},
      {408, "", Result::kTryLater, ""},
      {410, "channel_is_archived", Result::kRefused,
       "channel_is_archived; the channel is archived"},
      {500, "rollup_error", Result::kTryLater, "rollup_error"},
      {503, "busy", Result::kTryLater, "busy"},
  };
  for (const Row& row : rows) {
    ScriptedTransport http;
    http.Answer(HttpMethod::kPost, _, MakeResponse(row.status, row.body));
    const Notifier::Outcome outcome = Deliver(http);
    EXPECT_EQ(outcome.result, row.result) << row.status << " " << row.body;
    EXPECT_EQ(outcome.http_status, row.status);
    EXPECT_THAT(outcome.answer, HasSubstr(row.answer));
    EXPECT_GT(outcome.retry_after, absl::ZeroDuration());
    EXPECT_THAT(http.requests(), SizeIs(1)) << "answered " << row.status << " and was asked again";
  }
}

TEST(DeliveryTest, WaitsAsLongAsSlackAsksWithinReason) {
  struct Row {
    std::string header;
    absl::Duration wait;
  };
  const absl::Duration unasked = Notifier::Outcome().retry_after;
  const std::vector<Row> rows = {{"7", absl::Seconds(7)},
                                 {"3600", absl::Hours(1)},
                                 {"99999999", absl::Hours(1)},
                                 {"soon", unasked},
                                 {"", unasked}};
  for (const Row& row : rows) {
    ScriptedTransport http;
    http.Answer(HttpMethod::kPost, _,
                MakeResponse(429, "rate_limited", {{"Retry-After", row.header}}));
    const Notifier::Outcome outcome = Deliver(http);
    EXPECT_EQ(outcome.result, Result::kTryLater);
    EXPECT_EQ(outcome.retry_after, row.wait) << row.header;
  }
}

TEST(DeliveryTest, ALayoutThatIsRefusedIsSentAgainAsBareTextOnce) {
  for (const int status : {400, 413}) {
    ScriptedTransport http;
    http.Answer(HttpMethod::kPost, _, MakeResponse(status, "invalid_blocks"));
    http.Answer(HttpMethod::kPost, _, MakeResponse(200, "ok"));
    EXPECT_EQ(Deliver(http).result, Result::kSent);
    ASSERT_THAT(http.requests(), SizeIs(2));
    EXPECT_EQ(http.requests()[1].body, FallbackPayload(Payload()));
    EXPECT_THAT(http.requests()[1].body, Not(HasSubstr("blocks")));
  }
}

TEST(DeliveryTest, BareTextThatIsRefusedTooIsGivenUp) {
  ScriptedTransport http;
  http.Answer(HttpMethod::kPost, _, MakeResponse(400, "invalid_blocks"));
  http.Answer(HttpMethod::kPost, _, MakeResponse(400, "invalid_payload"));
  const Notifier::Outcome outcome = Deliver(http);
  EXPECT_EQ(outcome.result, Result::kRefused);
  EXPECT_THAT(outcome.answer, HasSubstr("invalid_payload; Slack cannot read the message"));
  EXPECT_THAT(http.requests(), SizeIs(2));
}

TEST(DeliveryTest, BareTextMeetsTheSameLimitsAsTheLayout) {
  ScriptedTransport http;
  http.Answer(HttpMethod::kPost, _, MakeResponse(400, "invalid_blocks"));
  http.Answer(HttpMethod::kPost, _, MakeResponse(429, "", {{"Retry-After", "9"}}));
  const Notifier::Outcome outcome = Deliver(http);
  EXPECT_EQ(outcome.result, Result::kTryLater);
  EXPECT_EQ(outcome.retry_after, absl::Seconds(9));
}

TEST(DeliveryTest, NoAnswerIsTriedLaterUnlessTheAddressIsAtFault) {
  struct Row {
    absl::Status status;
    Result result;
  };
  const std::vector<Row> rows = {
      {absl::UnavailableError("hooks.slack.com: connection refused"), Result::kTryLater},
      {absl::DeadlineExceededError("hooks.slack.com: timed out"), Result::kTryLater},
      {absl::FailedPreconditionError("hooks.slack.com: untrusted certificate"), Result::kRefused},
      {absl::InvalidArgumentError("http:// beyond loopback"), Result::kRefused},
      {absl::ResourceExhaustedError("answer too large"), Result::kRefused},
  };
  for (const Row& row : rows) {
    ScriptedTransport http;
    http.Answer(HttpMethod::kPost, _, row.status);
    const Notifier::Outcome outcome = Deliver(http);
    EXPECT_EQ(outcome.result, row.result) << row.status;
    EXPECT_EQ(outcome.http_status, 0);
    EXPECT_THAT(outcome.answer, HasSubstr(std::string(row.status.message())));
  }
}

TEST(DeliveryTest, AStoppedDeliveryIsTriedAgainWithoutDelay) {
  ScriptedTransport http;
  FakeClock clock;
  std::stop_source stop;
  stop.request_stop();
  const Notifier::Outcome outcome = PostToSlack(http, clock, kWebhook, Payload(), stop.get_token());
  EXPECT_EQ(outcome.result, Result::kTryLater);
  EXPECT_EQ(outcome.retry_after, absl::ZeroDuration());
}

TEST(DeliveryTest, TheWebhookIsInNoAnswerEvenIfSomebodySaysItBack) {
  const std::string path = "/services/T0000001/B0000002/sEcReTtOkEn123";
  const std::vector<std::string> bodies = {"Cannot POST " + path,
                                           std::string("no route for ") + kWebhook,
                                           "token sEcReTtOkEn123 revoked", "T0000001&#x2F;B0000002",
                                           std::string(280, 'x') + " sEcReTtOkEn123"};
  for (const std::string& body : bodies) {
    for (const int status : {404, 500}) {
      ScriptedTransport http;
      http.Answer(HttpMethod::kPost, _, MakeResponse(status, body));
      const std::string answer = Deliver(http).answer;
      EXPECT_THAT(answer, Not(HasSubstr("sEcReT")));
      EXPECT_THAT(answer, Not(HasSubstr("T0000001")));
      EXPECT_THAT(answer, Not(HasSubstr("B0000002")));
    }
    ScriptedTransport http;
    http.Answer(HttpMethod::kPost, _, absl::UnavailableError(body));
    EXPECT_THAT(Deliver(http).answer, Not(HasSubstr("sEcReT")));
  }
}

TEST(DeliveryTest, AnAnswerIsShownShortAndOnOneLine) {
  ScriptedTransport http;
  http.Answer(HttpMethod::kPost, _,
              MakeResponse(500, "line\r\nline\x1b[31m\xff" + std::string(5000, 'x')));
  const std::string answer = Deliver(http).answer;
  EXPECT_LE(answer.size(), 300U);
  EXPECT_THAT(answer, HasSubstr("line  line [31m\xef\xbf\xbdxxx"));
}

}  // namespace
}  // namespace logexport
