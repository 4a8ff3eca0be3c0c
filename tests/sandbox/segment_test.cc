#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include "tests/sandbox/sandbox_client.h"

namespace logexport::sandbox {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

std::uint64_t Count(const Sandbox& sandbox, Violation violation) {
  return sandbox.stats().segment.violations[static_cast<std::size_t>(violation)];
}

std::string Event(absl::string_view replaced, absl::string_view by) {
  const std::string event =
      R"({"type":"track","event":"E","userId":"u","messageId":"m","timestamp":)"
      R"("2026-11-23T00:00:00Z","properties":{},"context":{},"integrations":{}})";
  std::string changed = absl::StrReplaceAll(event, {{replaced, by}});
  EXPECT_NE(changed, event);
  return changed;
}

std::string Gzip(const std::string& text) {
  z_stream stream = {};
  EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(deflateBound(&stream, static_cast<uLong>(text.size())) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

TEST(SegmentTest, TakesABatchAndKeepsItsEventsByteForByte) {
  const auto sandbox = StartSandbox();
  const std::string event =
      R"({ "type":"track","event":"Success Login","userId":"auth0|1","messageId":"ns-77-t",)"
      R"("timestamp":"2026-11-23T00:00:00.000Z","properties":{"log_id":"77","n":1.50,"s":"é\u00e9"}})";
  const std::string body = Batch({event, GoodEvent("78")});
  const HttpReply reply = PostBatch(*sandbox, body);
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, R"({"success":true})");

  const auto events = sandbox->AcceptedEvents("77");
  ASSERT_THAT(events, SizeIs(1));
  EXPECT_EQ(events[0].raw, event);
  EXPECT_EQ(events[0].message_id, "ns-77-t");
  EXPECT_EQ(events[0].event, "Success Login");
  EXPECT_EQ(events[0].user_id, "auth0|1");
  EXPECT_EQ(events[0].timestamp, "2026-11-23T00:00:00.000Z");
  const SandboxStats stats = sandbox->stats();
  EXPECT_EQ(stats.events_accepted, 2);
  EXPECT_EQ(stats.segment.batches, 1);
  EXPECT_EQ(stats.segment.bytes, body.size());
  EXPECT_EQ(stats.segment.largest_batch_events, 2);
  EXPECT_EQ(stats.segment.largest_event_bytes, event.size());
  EXPECT_EQ(stats.segment.AllViolations(), 0);
}

TEST(SegmentTest, DropsRepeatsByMessageIdAndCountsThem) {
  const auto sandbox = StartSandbox();
  PostBatch(*sandbox, Batch({GoodEvent("1"), GoodEvent("2")}));
  PostBatch(*sandbox, Batch({GoodEvent("2"), GoodEvent("3")}));
  const SandboxStats stats = sandbox->stats();
  EXPECT_EQ(stats.events_accepted, 4);
  EXPECT_EQ(stats.unique_message_ids, 3);
  EXPECT_EQ(stats.duplicates, 1);
  EXPECT_THAT(sandbox->AcceptedEvents(), SizeIs(3));
  EXPECT_THAT(sandbox->AcceptedEvents("", true), SizeIs(4));
}

TEST(SegmentTest, KnowsWhichLogsAreMissing) {
  const auto sandbox = StartSandbox();
  sandbox->AddLogs("{\"log_id\":\"1\"}\n{\"log_id\":\"2\"}\n{\"log_id\":\"3\"}");
  // By the property, and by the messageId alone.
  PostBatch(*sandbox,
            Batch({GoodEvent("1"),
                   R"({"type":"identify","userId":"u","messageId":"ns-3-i","traits":{}})"}));
  const Sandbox::Missing missing = sandbox->MissingLogs();
  EXPECT_EQ(missing.count, 1);
  EXPECT_THAT(missing.log_ids, ::testing::ElementsAre("2"));
}

TEST(SegmentTest, TakesTheKeyFromTheHeaderOrTheBody) {
  const auto sandbox = StartSandbox();
  const std::string without_key = absl::StrCat(R"({"batch":[)", GoodEvent("1"), "]}");
  EXPECT_EQ(PostBatch(*sandbox, without_key).status, 400);
  EXPECT_EQ(Count(*sandbox, Violation::kMissingWriteKey), 1);
  const std::string basic =
      absl::StrCat("Basic ", absl::Base64Escape(SegmentOptions().write_key + ":"));
  EXPECT_EQ(PostBatch(*sandbox, without_key, {{"Authorization", basic}}).status, 200);
  EXPECT_EQ(sandbox->stats().events_accepted, 1);
  EXPECT_EQ(sandbox->stats().segment.batches_without_sent_at, 1);
}

TEST(SegmentTest, AWrongKeyGets200AndNothingArrives) {
  const auto sandbox = StartSandbox();
  const HttpReply reply = PostBatch(
      *sandbox, absl::StrCat(R"({"writeKey":"someOtherKeyOf32Characters------","batch":[)",
                             GoodEvent("1"), "]}"));
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(sandbox->stats().events_accepted, 0);
  EXPECT_EQ(sandbox->stats().segment.dropped_events, 1);
  EXPECT_EQ(Count(*sandbox, Violation::kWrongWriteKey), 1);
}

struct RuleCase {
  const char* name;
  std::string event;
  Violation violation;
};

class SegmentRuleTest : public ::testing::TestWithParam<RuleCase> {};

TEST_P(SegmentRuleTest, IsCountedAndLosesTheEventAsAtSegment) {
  const auto sandbox = StartSandbox();
  EXPECT_EQ(PostBatch(*sandbox, Batch({GetParam().event, GoodEvent("1")})).status, 200);
  const SandboxStats stats = sandbox->stats();
  EXPECT_EQ(stats.segment.AllViolations(), 1);
  EXPECT_EQ(Count(*sandbox, GetParam().violation), 1);
  EXPECT_EQ(stats.events_accepted, LosesTheEvent(GetParam().violation) ? 1 : 2);
  EXPECT_THAT(sandbox->stats().ToJson(),
              HasSubstr(std::string(ViolationName(GetParam().violation))));
}

TEST_P(SegmentRuleTest, IsRefusedWithItsWholeBatchWhenStrict) {
  SandboxOptions options;
  options.segment.strict = true;
  const auto sandbox = StartSandbox(options);
  EXPECT_EQ(PostBatch(*sandbox, Batch({GetParam().event, GoodEvent("1")})).status, 400);
  EXPECT_EQ(PostBatch(*sandbox, Batch({GoodEvent("1")})).status, 200);
  EXPECT_EQ(sandbox->stats().events_accepted, 1);
}

INSTANTIATE_TEST_SUITE_P(
    Rules, SegmentRuleTest,
    ::testing::Values(
        RuleCase{"NotAnObject", "7", Violation::kEventNotAnObject},
        RuleCase{"UnknownType", Event("\"track\"", "\"tracks\""), Violation::kUnknownType},
        RuleCase{"NoIdentity", Event("\"userId\"", "\"user\""), Violation::kNoIdentity},
        RuleCase{"NullIdentity", Event("\"u\"", "null"), Violation::kNoIdentity},
        RuleCase{"NumericId", Event("\"u\"", "7"), Violation::kIdNotAString},
        RuleCase{"EmptyId", Event("\"u\"", "\"\""), Violation::kIdEmpty},
        RuleCase{"EventMissing", Event("\"event\"", "\"name\""), Violation::kEventNameMissing},
        RuleCase{"EventEmpty", Event("\"E\"", "\"\""), Violation::kEventNameMissing},
        RuleCase{"EventNoString", Event("\"E\"", "1"), Violation::kEventNameMissing},
        RuleCase{"Properties", Event("\"properties\":{}", "\"properties\":[]"),
                 Violation::kPropertiesNotAnObject},
        RuleCase{"Traits", Event("\"properties\":{}", "\"traits\":\"x\""),
                 Violation::kTraitsNotAnObject},
        RuleCase{"Context", Event("\"context\":{}", "\"context\":1"),
                 Violation::kContextNotAnObject},
        RuleCase{"Integrations", Event("\"integrations\":{}", "\"integrations\":true"),
                 Violation::kIntegrationsNotAnObject},
        RuleCase{"NumericAnonymousId", Event("\"userId\":\"u\"", "\"anonymousId\":7"),
                 Violation::kIdNotAString},
        RuleCase{"EmptyAnonymousId", Event("\"userId\":\"u\"", "\"anonymousId\":\"\""),
                 Violation::kIdEmpty},
        RuleCase{"EmptyMessageId", Event("\"m\"", "\"\""), Violation::kMessageIdInvalid},
        RuleCase{"NumericMessageId", Event("\"m\"", "5"), Violation::kMessageIdInvalid},
        RuleCase{"NumericTimestamp", Event("\"2026-11-23T00:00:00Z\"", "1795392000"),
                 Violation::kTimestampInvalid},
        RuleCase{"LongMessageId", Event("\"m\"", absl::StrCat("\"", std::string(100, 'm'), "\"")),
                 Violation::kMessageIdInvalid},
        RuleCase{"Timestamp", Event("2026-11-23T00:00:00Z", "2026-11-23 00:00:00"),
                 Violation::kTimestampInvalid},
        RuleCase{"TimestampWithoutZone", Event("00:00Z", "00:00"), Violation::kTimestampInvalid},
        RuleCase{"ReservedProperty",
                 Event("\"properties\":{}", "\"properties\":{\"revenue\":\"1\"}"),
                 Violation::kReservedType},
        RuleCase{"ContextField", Event("\"context\":{}", "\"context\":{\"library\":\"x\"}"),
                 Violation::kContextFieldType},
        RuleCase{"ContextTraitsNoObject", Event("\"context\":{}", "\"context\":{\"traits\":[]}"),
                 Violation::kContextFieldType},
        RuleCase{"TraitInTheContext",
                 Event("\"context\":{}", "\"context\":{\"traits\":{\"age\":\"41\"}}"),
                 Violation::kReservedType},
        RuleCase{"ReservedTrait", Event("\"properties\":{}", "\"traits\":{\"address\":\"x\"}"),
                 Violation::kReservedType}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(SegmentTest, AnEmptyBatchIsCounted) {
  const auto sandbox = StartSandbox();
  EXPECT_EQ(PostBatch(*sandbox, Batch({})).status, 200);
  EXPECT_EQ(Count(*sandbox, Violation::kEmptyBatch), 1);
  SandboxOptions strict;
  strict.segment.strict = true;
  EXPECT_EQ(PostBatch(*StartSandbox(strict), Batch({})).status, 400);
}

TEST(SegmentTest, MoreThan10000PropertiesAreCounted) {
  SandboxOptions options;
  options.segment.max_event_bytes = options.segment.max_batch_bytes;
  const auto sandbox = StartSandbox(options);
  std::string properties;
  for (int i = 0; i < 10'000; ++i) {
    absl::StrAppend(&properties, i == 0 ? "" : ",", "\"p", i, "\":1");
  }
  const auto event = [](const std::string& members) {
    return Event("\"properties\":{}", absl::StrCat("\"properties\":{", members, "}"));
  };
  EXPECT_EQ(PostBatch(*sandbox, Batch({event(properties)})).status, 200);
  EXPECT_EQ(Count(*sandbox, Violation::kTooManyProperties), 0);
  EXPECT_EQ(PostBatch(*sandbox, Batch({event(properties + ",\"one\":1")})).status, 200);
  EXPECT_EQ(Count(*sandbox, Violation::kTooManyProperties), 1);
}

TEST(SegmentTest, LimitsAreThoseDocumented) {
  const auto sandbox = StartSandbox();
  const auto event_of = [](std::size_t bytes) {
    std::string event = Event("\"properties\":{}", "\"properties\":{\"x\":\"\"}");
    event.insert(event.find("\"x\":\"") + 5, bytes - event.size(), 'x');
    return event;
  };
  EXPECT_EQ(PostBatch(*sandbox, Batch({event_of(32'000)})).status, 200);
  const HttpReply large = PostBatch(*sandbox, Batch({event_of(32'001)}));
  EXPECT_EQ(large.status, 400);
  EXPECT_EQ(large.body, "Bad Request");
  EXPECT_EQ(Count(*sandbox, Violation::kEventTooLarge), 1);

  std::vector<std::string> events(20, event_of(24'000));
  EXPECT_EQ(PostBatch(*sandbox, Batch(events)).status, 200);
  events.push_back(event_of(24'000));
  EXPECT_EQ(PostBatch(*sandbox, Batch(events)).status, 400);
  EXPECT_EQ(Count(*sandbox, Violation::kBatchTooLarge), 1);
}

TEST(SegmentTest, MoreThan2500EventsGet200AndAreLost) {
  const auto sandbox = StartSandbox();
  const std::vector<std::string> most(2500, Event("\"m\"", "\"n\""));
  std::vector<std::string> more = most;
  more.push_back(most[0]);
  EXPECT_EQ(PostBatch(*sandbox, Batch(most)).status, 200);
  EXPECT_EQ(sandbox->stats().events_accepted, 2500);
  EXPECT_EQ(PostBatch(*sandbox, Batch(more)).status, 200);
  EXPECT_EQ(sandbox->stats().events_accepted, 2500);
  EXPECT_EQ(sandbox->stats().segment.dropped_events, 2501);
  EXPECT_EQ(Count(*sandbox, Violation::kTooManyEvents), 1);
}

TEST(SegmentTest, BrokenJsonIs400WhereverItIsBroken) {
  const auto sandbox = StartSandbox();
  const std::string good = Batch({GoodEvent("1")});
  const std::vector<std::string> broken = {
      "",
      "[]",
      "{}",
      R"({"batch":{}})",
      good.substr(0, good.size() - 1),
      good + "x",
      absl::StrReplaceAll(good, {{"\"auth0|1\"", "\"auth0|1"}}),
      absl::StrReplaceAll(good, {{"\"log_id\":", "\"log_id\""}}),
      absl::StrReplaceAll(good, {{"\"auth0|1\"", "\"\\q\""}}),
      absl::StrReplaceAll(good, {{"\"auth0|1\"", "\"\xff\""}}),
      absl::StrReplaceAll(good, {{"\"properties\":{", "\"context\":{\"a\":{\"b\":tru}},\"p\":{"}}),
      absl::StrReplaceAll(good, {{"\"properties\":{", "\"properties\":{\"n\":01,"}}),
  };
  for (const std::string& body : broken) {
    EXPECT_EQ(PostBatch(*sandbox, body).status, 400) << body;
  }
  EXPECT_EQ(Count(*sandbox, Violation::kMalformedBatch), broken.size());
  EXPECT_EQ(sandbox->stats().events_accepted, 0);
  EXPECT_EQ(PostBatch(*sandbox, good).status, 200);
}

TEST(SegmentTest, TheBodyMustBeDeclaredAsJson) {
  const auto sandbox = StartSandbox();
  EXPECT_EQ(HttpPost(sandbox->url(), "/v1/batch", Batch({GoodEvent("1")}), "text/plain").status,
            400);
}

TEST(SegmentTest, GzipBodiesAreCountedUncompressed) {
  const auto sandbox = StartSandbox();
  const std::string body = Batch({GoodEvent("1")});
  EXPECT_EQ(PostBatch(*sandbox, Gzip(body), {{"Content-Encoding", "gzip"}}).status, 200);
  EXPECT_EQ(PostBatch(*sandbox, body, {{"Content-Encoding", "gzip"}}).status, 400);
  EXPECT_EQ(sandbox->stats().segment.bytes, body.size());
  EXPECT_EQ(sandbox->stats().events_accepted, 1);
}

TEST(SegmentTest, EventsNeedNotBeStored) {
  SandboxOptions options;
  options.segment.store_events = false;
  const auto sandbox = StartSandbox(options);
  sandbox->AddLogs("{\"log_id\":\"1\"}\n{\"log_id\":\"2\"}");
  PostBatch(*sandbox, Batch({GoodEvent("1"), GoodEvent("1")}));
  EXPECT_EQ(sandbox->stats().duplicates, 1);
  EXPECT_EQ(sandbox->MissingLogs().count, 1);
  EXPECT_THAT(sandbox->AcceptedEvents(), ::testing::IsEmpty());
}

class RudderStackTest : public ::testing::Test {
 protected:
  static SandboxOptions Options() {
    SandboxOptions options;
    options.segment.rudderstack = true;
    return options;
  }
  HttpReply Post(const std::string& body, const std::string& key = SegmentOptions().write_key) {
    return PostBatch(*sandbox_, body,
                     {{"Authorization", "Basic " + absl::Base64Escape(key + ":")}});
  }
  std::unique_ptr<Sandbox> sandbox_ = StartSandbox(Options());
};

TEST_F(RudderStackTest, AnswersOkInPlainText) {
  const HttpReply reply = Post(Batch({GoodEvent("1"), Event("\"u\"", "7")}));
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "OK");
  EXPECT_EQ(sandbox_->stats().events_accepted, 2) << "numbers are taken as ids";
}

TEST_F(RudderStackTest, WantsTheKeyInTheHeaderAndChecksIt) {
  EXPECT_EQ(PostBatch(*sandbox_, Batch({GoodEvent("1")})).status, 401);
  const HttpReply wrong = Post(Batch({GoodEvent("1")}), "wrong");
  EXPECT_EQ(wrong.status, 401);
  EXPECT_EQ(wrong.body, "invalid write key");
  EXPECT_EQ(sandbox_->stats().events_accepted, 0);
}

TEST_F(RudderStackTest, OneBadEventRefusesTheBatch) {
  EXPECT_EQ(Post(Batch({GoodEvent("1"), Event("\"userId\"", "\"user\"")})).status, 400);
  EXPECT_EQ(sandbox_->stats().events_accepted, 0);
  EXPECT_EQ(Post("{").status, 400);
  EXPECT_EQ(Post(Batch({})).status, 400);
}

TEST_F(RudderStackTest, ALargeBodyIs413) {
  EXPECT_EQ(Post(Batch({GoodEvent("1")}) + std::string(4'000 * 1024, ' ')).status, 413);
}

TEST_F(RudderStackTest, ADisabledSourceIs404) {
  SandboxOptions options = Options();
  options.segment.source_disabled = true;
  sandbox_ = StartSandbox(options);
  EXPECT_EQ(Post(Batch({GoodEvent("1")})).status, 404);
}

}  // namespace
}  // namespace logexport::sandbox
