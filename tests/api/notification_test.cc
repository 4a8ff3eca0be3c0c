// Messages to people and programs, through the whole service.
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "service/base/mutex.h"
#include "service/base/status_macros.h"
#include "service/json/json_value.h"
#include "tests/api/api_server.h"
#include "tests/support/raw_server.h"
#include "tests/support/status_matchers.h"

namespace logexport {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kKey[] = "a-signing-key-of-the-test";

// A program that takes events, as its author would write it: it verifies the signature by itself.
class EventReceiver {
 public:
  EventReceiver()
      : server_([this](RawConnection& connection, int) {
          while (const auto request = connection.ReadRequest()) {
            int status = 200;
            {
              MutexLock lock(&mutex_);
              status = status_;
              if (status == 200) Take(*request);
            }
            connection.Send(RawResponse(status, status == 200 ? "thanks" : "not now"));
          }
        }) {}

  std::string url() const { return server_.Url("/hooks/1"); }
  void AnswerWith(int status) {
    MutexLock lock(&mutex_);
    status_ = status;
  }
  std::vector<JsonValue> events() const {
    MutexLock lock(&mutex_);
    return events_;
  }

 private:
  void Take(const RawRequest& request) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    const std::string signed_text = absl::StrCat(
        request.Header("webhook-id"), ".", request.Header("webhook-timestamp"), ".", request.body);
    unsigned char mac[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    HMAC(EVP_sha256(), kKey, sizeof(kKey) - 1,
         reinterpret_cast<const unsigned char*>(signed_text.data()), signed_text.size(), mac,
         &size);
    const std::string expected = absl::StrCat(
        "v1,", absl::Base64Escape(absl::string_view(reinterpret_cast<char*>(mac), size)));
    EXPECT_EQ(request.Header("webhook-signature"), expected);
    std::int64_t seconds = 0;
    EXPECT_TRUE(absl::SimpleAtoi(request.Header("webhook-timestamp"), &seconds));
    EXPECT_LT(absl::AbsDuration(absl::Now() - absl::FromUnixSeconds(seconds)), absl::Minutes(5));
    const absl::StatusOr<JsonValue> event = JsonValue::Parse(request.body);
    EXPECT_TRUE(event.ok());
    if (event.ok()) {
      EXPECT_EQ((*event)["id"].String(), request.Header("webhook-id"));
      events_.push_back(*event);
    }
  }

  mutable Mutex mutex_;
  int status_ ABSL_GUARDED_BY(mutex_) = 200;
  std::vector<JsonValue> events_ ABSL_GUARDED_BY(mutex_);
  RawServer server_;
};

std::string WebhookConfig(const EventReceiver& receiver) {
  return absl::StrCat("webhook { url: '", receiver.url(), "' secret: '", kKey, "' }");
}

bool HasWarning(const v1::GetStatusResponse& status, const std::string& code) {
  for (const v1::RunWarning& warning : status.warnings()) {
    if (warning.code() == code) return true;
  }
  return false;
}

TEST(NotificationTest, ATestGoesToEveryReceiverAndTellsTheTruthOfEach) {
  EventReceiver receiver;
  ApiServer server;
  server.Get<v1::UpdateConfigResponse>("UpdateConfig",
                                       "config { " + WebhookConfig(receiver) + " }");
  auto answer = server.Get<v1::TestNotificationResponse>("TestNotification", "reason: 'drill'");
  EXPECT_TRUE(answer.delivered());
  ASSERT_EQ(answer.deliveries_size(), 2);
  EXPECT_EQ(answer.deliveries(0).channel(), "slack");
  EXPECT_EQ(answer.deliveries(1).channel(), "webhook");
  EXPECT_EQ(answer.deliveries(1).message(), "thanks");
  ASSERT_EQ(receiver.events().size(), 1U);
  const JsonValue event = receiver.events()[0];
  EXPECT_EQ(event["type"].String(), "test");
  EXPECT_EQ(event["reason"].String(), "drill");
  EXPECT_EQ(event["exporter"].String(), "default");
  EXPECT_EQ(event["tenant"].String(), server.sandbox().options().auth0.domain);
  EXPECT_NE(event["member"].String(), "");

  receiver.AnswerWith(403);
  answer = server.Get<v1::TestNotificationResponse>("TestNotification");
  EXPECT_FALSE(answer.delivered());
  EXPECT_EQ(answer.http_status(), 403);
  EXPECT_THAT(answer.message(), HasSubstr("check webhook.secret"));
  EXPECT_TRUE(answer.deliveries(0).delivered());
  EXPECT_FALSE(answer.deliveries(1).delivered());
  v1::GetStatusResponse status = server.Get<v1::GetStatusResponse>("GetStatus");
  EXPECT_TRUE(HasWarning(status, "WEBHOOK_FAILED"));
  EXPECT_FALSE(HasWarning(status, "SLACK_FAILED"));

  receiver.AnswerWith(200);
  EXPECT_TRUE(server.Get<v1::TestNotificationResponse>("TestNotification").delivered());
  status = server.Get<v1::GetStatusResponse>("GetStatus");
  EXPECT_FALSE(HasWarning(status, "WEBHOOK_FAILED"));
}

TEST(NotificationTest, AReceiverThatIsNotThereFailsTheTest) {
  ApiServer server;
  server.Get<v1::UpdateConfigResponse>(
      "UpdateConfig",
      absl::StrCat("config { webhook { url: 'http://127.0.0.1:1/x' secret: '", kKey, "' } }"));
  const auto answer = server.Get<v1::TestNotificationResponse>("TestNotification");
  EXPECT_FALSE(answer.delivered());
  EXPECT_EQ(answer.http_status(), 0);
  EXPECT_THAT(answer.message(), Not(HasSubstr("a-signing-key")));
}

TEST(NotificationTest, WithoutAnyReceiverATestIsRefused) {
  ApiServer server;
  server.Get<v1::UpdateConfigResponse>("UpdateConfig", "config { slack { webhook: '' } }");
  const ApiReply refused = server.Call("TestNotification");
  EXPECT_FALSE(refused.ok());
  EXPECT_EQ(refused.reason, "SLACK_NOT_CONFIGURED");
}

TEST(NotificationTest, ADeadLetterIsToldToProgramsEvenIfTheyWereAwayAtFirst) {
  EventReceiver receiver;
  ApiServer server;
  server.Get<v1::UpdateConfigResponse>("UpdateConfig",
                                       "config { " + WebhookConfig(receiver) + " }");
  receiver.AnswerWith(503);
  server.RefuseLog(server.sandbox().LogIds().front());
  EXPECT_EQ(server.Run().state(), v1::RUN_STATE_SUCCEEDED);
  server.DeliverMessages();
  EXPECT_TRUE(receiver.events().empty());
  EXPECT_TRUE(HasWarning(server.Get<v1::GetStatusResponse>("GetStatus"), "WEBHOOK_FAILED"));
  receiver.AnswerWith(200);
  // What waits for its next attempt is in the store, and outlives the process.
  server.Restart();
  EXPECT_THAT(server.store().Write([](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(const std::vector<OutboxMessage> waiting,
                     tx.DueOutbox(absl::Now() + absl::Hours(1), 10));
    EXPECT_EQ(waiting.size(), 1U);
    return waiting.empty() ? absl::OkStatus()
                           : tx.RescheduleOutbox(waiting[0].id, absl::UnixEpoch());
  }),
              IsOk());
  server.DeliverMessages();
  ASSERT_EQ(receiver.events().size(), 1U);
  const JsonValue event = receiver.events()[0];
  EXPECT_EQ(event["type"].String(), "run.succeeded");
  EXPECT_EQ(event["severity"].String(), "warning");
  EXPECT_EQ(event["run"]["logs"]["dead_lettered"].Int(), 1);
  EXPECT_EQ(event["dead_letters_kept"].Int(), 1);
  EXPECT_FALSE(HasWarning(server.Get<v1::GetStatusResponse>("GetStatus"), "WEBHOOK_FAILED"));
}

}  // namespace
}  // namespace logexport
