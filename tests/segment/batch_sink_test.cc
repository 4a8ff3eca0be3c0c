#include "service/segment/batch_sink.h"

#include <memory>
#include <stop_token>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include "service/export/failure.h"
#include "service/http/redacting_transport.h"
#include "tests/support/fake_clock.h"
#include "tests/support/scripted_transport.h"
#include "tests/support/status_matchers.h"

namespace logexport {
namespace {

using ::testing::_;
using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr char kWriteKey[] = "wk\"quoted";
constexpr char kEvents[] = R"({"type":"track","event":"a"},{"type":"track","event":"b"})";

class BatchSinkTest : public ::testing::Test {
 protected:
  BatchSinkTest() {
    settings_.base_url = "https://api.segment.example";
    settings_.write_key = kWriteKey;
    settings_.max_events_per_second = 0;
  }

  std::unique_ptr<EventSink> Sink() { return MakeSegmentSink(settings_, redacting_, clock_); }
  void Accept(int times = 1, std::vector<HttpHeader> headers = {}) {
    http_.Answer(HttpMethod::kPost, _, MakeResponse(200, R"({"success":true})", std::move(headers)),
                 times);
  }

  SegmentSettings settings_;
  ScriptedTransport http_;
  RedactingTransport redacting_{http_};
  FakeClock clock_;
};

TEST_F(BatchSinkTest, PostsTheBatchWithTheWriteKeyInBothPlaces) {
  Accept();
  EXPECT_THAT(Sink()->Send(kEvents, 2, 0, {}), IsOk());
  ASSERT_EQ(http_.requests().size(), 1u);
  const RecordedRequest request = http_.requests()[0];
  EXPECT_EQ(request.method, HttpMethod::kPost);
  EXPECT_EQ(request.url, "https://api.segment.example/v1/batch");
  EXPECT_EQ(request.Header("Content-Type"), "application/json");
  EXPECT_EQ(request.Header("Authorization"), "Basic d2sicXVvdGVkOg==");  // of the key and a colon
  EXPECT_EQ(request.Header("X-Retry-Count"), "");
  EXPECT_EQ(request.Header("Content-Encoding"), "");
  EXPECT_EQ(request.body,
            absl::StrCat(R"({"batch":[)", kEvents, R"(],"sentAt":"2026-11-23T00:00:00.000Z",)",
                         R"("writeKey":"wk\"quoted"})"));
}

TEST_F(BatchSinkTest, EachAttemptSaysWhenItWasMadeAndWhichOneItIs) {
  Accept(2);
  const auto sink = Sink();
  EXPECT_THAT(sink->Send(kEvents, 2, 0, {}), IsOk());
  clock_.Advance(absl::Milliseconds(1500));
  EXPECT_THAT(sink->Send(kEvents, 2, 3, {}), IsOk());
  EXPECT_THAT(http_.requests()[1].body, HasSubstr(R"("sentAt":"2026-11-23T00:00:01.500Z")"));
  EXPECT_EQ(http_.requests()[1].Header("X-Retry-Count"), "3");
}

TEST_F(BatchSinkTest, AWrongClockOfTheHostIsCorrectedByTheReceiversOwn) {
  Accept(2, {{"Date", "Mon, 23 Nov 2026 02:00:00 GMT"}});
  const auto sink = Sink();
  EXPECT_THAT(sink->Send(kEvents, 2, 0, {}), IsOk());
  clock_.Advance(absl::Seconds(10));
  EXPECT_THAT(sink->Send(kEvents, 2, 0, {}), IsOk());
  EXPECT_THAT(http_.requests()[1].body, HasSubstr(R"("sentAt":"2026-11-23T02:00:10.000Z")"));
}

TEST_F(BatchSinkTest, ADifferenceThatTheDateHeaderCannotTellIsNone) {
  Accept(2, {{"Date", "Mon, 23 Nov 2026 00:00:02 GMT"}});
  const auto sink = Sink();
  EXPECT_THAT(sink->Send(kEvents, 2, 0, {}), IsOk());
  EXPECT_THAT(sink->Send(kEvents, 2, 0, {}), IsOk());
  EXPECT_THAT(http_.requests()[1].body, HasSubstr(R"("sentAt":"2026-11-23T00:00:00.000Z")"));
}

TEST_F(BatchSinkTest, CompressesOnRequest) {
  settings_.gzip = true;
  Accept();
  std::string events = kEvents;
  for (int i = 0; i < 2000; ++i) absl::StrAppend(&events, ",", kEvents);
  EXPECT_THAT(Sink()->Send(events, 4002, 0, {}), IsOk());
  const RecordedRequest request = http_.requests()[0];
  EXPECT_EQ(request.Header("Content-Encoding"), "gzip");
  EXPECT_LT(request.body.size(), events.size() / 5);

  std::string plain(events.size() + 1000, '\0');
  z_stream stream{};
  ASSERT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
  std::string compressed = request.body;
  stream.next_in = reinterpret_cast<Bytef*>(compressed.data());
  stream.avail_in = static_cast<uInt>(compressed.size());
  stream.next_out = reinterpret_cast<Bytef*>(plain.data());
  stream.avail_out = static_cast<uInt>(plain.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  plain.resize(stream.total_out);
  inflateEnd(&stream);
  EXPECT_THAT(plain, AllOf(HasSubstr(absl::StrCat("[", events, "]")), HasSubstr("\"sentAt\"")));
}

TEST_F(BatchSinkTest, NoBufferIsMixedUpBetweenBatches) {
  Accept(3);
  const auto sink = Sink();
  EXPECT_THAT(sink->Send(kEvents, 2, 0, {}), IsOk());
  EXPECT_THAT(sink->Send("{}", 1, 0, {}), IsOk());
  EXPECT_THAT(http_.requests()[1].body, ::testing::StartsWith(R"({"batch":[{}],"sentAt")"));
}

TEST_F(BatchSinkTest, WaitsForItsTurn) {
  settings_.max_events_per_second = 100;
  clock_.SetMode(FakeClock::Mode::kAutomatic);
  Accept(3);
  const auto sink = Sink();
  EXPECT_EQ(sink->limits().max_events, 100u);
  EXPECT_THAT(sink->Send(kEvents, 300, 0, {}), IsOk());
  EXPECT_THAT(clock_.sleeps(), IsEmpty());
  EXPECT_THAT(sink->Send(kEvents, 50, 0, {}), IsOk());
  EXPECT_THAT(sink->Send(kEvents, 50, 0, {}), IsOk());
  EXPECT_THAT(clock_.sleeps(), ElementsAre(absl::Seconds(2), absl::Milliseconds(500)));
}

TEST_F(BatchSinkTest, StopsWaitingWhenAskedTo) {
  settings_.max_events_per_second = 100;
  Accept(1);
  const auto sink = Sink();
  EXPECT_THAT(sink->Send(kEvents, 5000, 0, {}), IsOk());
  std::stop_source stop;
  CallContext context;
  context.stop = stop.get_token();
  absl::Status status;
  std::jthread sender([&] { status = sink->Send(kEvents, 1, 0, context); });
  clock_.WaitForSleepers(1);
  stop.request_stop();
  sender.join();
  EXPECT_EQ(FailureOf(status).kind, FailureClass::kStopped);
  EXPECT_EQ(http_.requests().size(), 1u);
}

TEST_F(BatchSinkTest, DoesNotWaitLongerThanTheCallMayTake) {
  settings_.max_events_per_second = 100;
  Accept(1);
  const auto sink = Sink();
  CallContext context;
  context.deadline = clock_.Monotonic() + absl::Seconds(10);
  EXPECT_THAT(sink->Send(kEvents, 5000, 0, context), IsOk());
  const Failure failure = FailureOf(sink->Send(kEvents, 1, 0, context));
  EXPECT_EQ(failure.kind, FailureClass::kLimited);
  EXPECT_EQ(failure.reason, FailureReason::kSegmentRateLimited);
  EXPECT_EQ(failure.retry_after, absl::Seconds(49));
}

TEST_F(BatchSinkTest, AnAttemptEndsWithTheTimeOfItsCall) {
  Accept(2);
  const auto sink = Sink();
  CallContext context;
  context.deadline = clock_.Monotonic() + absl::Seconds(12);
  EXPECT_THAT(sink->Send(kEvents, 1, 0, context), IsOk());
  EXPECT_THAT(sink->Send(kEvents, 1, 0, {}), IsOk());
  EXPECT_EQ(http_.requests()[0].timeout, absl::Seconds(12));
  EXPECT_EQ(http_.requests()[1].timeout, absl::Seconds(30));
  clock_.Advance(absl::Seconds(13));
  EXPECT_EQ(FailureOf(sink->Send(kEvents, 1, 0, context)).reason,
            FailureReason::kSegmentUnavailable);
  EXPECT_EQ(http_.requests().size(), 2u);
}

TEST_F(BatchSinkTest, NeitherErrorsNorAnswersGiveTheWriteKeyAway) {
  http_.Answer(HttpMethod::kPost, _, MakeResponse(401, "invalid write key wk\"quoted"));
  http_.Answer(HttpMethod::kPost, _,
               MakeResponse(401, R"({"message":"invalid write key wk\"quoted"})"));
  http_.Answer(HttpMethod::kPost, _,
               MakeResponse(400, "unexpected header Authorization: Basic d2sicXVvdGVkOg=="));
  http_.Answer(HttpMethod::kPost, _, absl::UnavailableError("connection reset"));
  const auto sink = Sink();
  for (int i = 0; i < 4; ++i) {
    const absl::Status status = sink->Send(kEvents, 2, 0, {});
    EXPECT_THAT(FailureOf(status).message, Not(HasSubstr("d2sicXVvdGVkO")));
    EXPECT_THAT(status.ToString(), Not(HasSubstr(kWriteKey)));
    EXPECT_THAT(FailureOf(status).message, Not(HasSubstr(kWriteKey)));
  }
}

TEST_F(BatchSinkTest, TheProbeSendsNoEventAndTakesBothAnswersForIt) {
  Accept();
  http_.Answer(HttpMethod::kPost, _, MakeResponse(400, "empty batch payload"));
  http_.Answer(HttpMethod::kPost, _, MakeResponse(401, "invalid write key"));
  http_.Answer(HttpMethod::kPost, _, absl::UnavailableError("refused"));
  const auto sink = Sink();
  EXPECT_THAT(sink->Probe({}), IsOk());
  EXPECT_THAT(sink->Probe({}), IsOk());
  EXPECT_EQ(FailureOf(sink->Probe({})).reason, FailureReason::kSegmentCredentialsRejected);
  EXPECT_EQ(FailureOf(sink->Probe({})).reason, FailureReason::kSegmentUnavailable);
  EXPECT_THAT(http_.requests(),
              Each(::testing::Field(&RecordedRequest::body, HasSubstr(R"({"batch":[],"sentAt")"))));
}

TEST_F(BatchSinkTest, TakesNoMoreEventsAtATimeThanLeaveInASecond) {
  settings_.max_events_per_second = 0;
  EXPECT_EQ(Sink()->limits().max_events, 2500u);
  EXPECT_EQ(Sink()->limits().max_bytes, 475'000u);
  settings_.max_events_per_second = 10'000;
  EXPECT_EQ(Sink()->limits().max_events, 2500u);
  settings_.max_events_per_second = 1;
  EXPECT_EQ(Sink()->limits().max_events, 1u);
}

}  // namespace
}  // namespace logexport
