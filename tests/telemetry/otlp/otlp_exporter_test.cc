#include "service/telemetry/otlp/otlp_exporter.h"

#include <set>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/time/clock.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/await.h"
#include "tests/support/status_matchers.h"
#include "tests/telemetry/otlp/collector.h"

namespace logexport {
namespace {

using ::testing::Contains;
using ::testing::Pair;
using ::testing::SizeIs;

class OtlpExporterTest : public ::testing::Test {
 protected:
  OtlpExporterTest() {
    options_.target = collector_.address();
    options_.headers = {{"api-key", "k"}};
    options_.resource = {{"service.name", "logexportd"}};
    options_.timeout = absl::Seconds(3);
  }

  std::unique_ptr<OtlpExporter> Make() {
    auto made = OtlpExporter::Create(options_, SystemRandom(), counters_);
    EXPECT_THAT(made, IsOk());
    return made.ok() ? *std::move(made) : nullptr;
  }

  static SpanRecord Span(OtlpExporter& exporter, const std::string& name) {
    SpanRecord span;
    span.context = exporter.NewContext(std::nullopt);
    span.name = name;
    span.start = absl::FromUnixSeconds(1'795'435'200) + absl::Nanoseconds(5);
    span.end = span.start + absl::Milliseconds(20);
    return span;
  }

  Collector collector_;
  OtlpOptions options_;
  SpanCounters counters_;
};

TEST_F(OtlpExporterTest, ACollectorReadsWhatWasRecorded) {
  const auto exporter = Make();
  SpanRecord span = Span(*exporter, "send batch");
  span.kind = SpanKind::kClient;
  span.parent_span_id = std::string("\1\2\3\4\5\6\7\x8f", 8);
  span.attributes = {{"text", std::string("t")}, {"number", std::int64_t{7}}, {"yes", true}};
  span.error = "it broke";
  exporter->Take(span);
  exporter->Flush();
  ASSERT_THAT(collector_.requests(), SizeIs(1));
  const CollectedRequest request = collector_.requests()[0];
  EXPECT_EQ(request.method, "/opentelemetry.proto.collector.trace.v1.TraceService/Export");
  EXPECT_THAT(request.metadata, Contains(Pair("api-key", "k")));
  EXPECT_THAT(request.resource, Contains(Pair("service.name", "logexportd")));
  ASSERT_THAT(request.spans, SizeIs(1));
  const CollectedSpan& got = request.spans[0];
  EXPECT_EQ(got.trace_id, span.context.trace_hex());
  EXPECT_EQ(got.trace_id.size(), 32U);
  EXPECT_EQ(got.span_id, span.context.span_hex());
  EXPECT_EQ(got.parent_span_id, "010203040506078f");
  EXPECT_EQ(got.name, "send batch");
  EXPECT_EQ(got.kind, 3U);
  EXPECT_EQ(got.start_nanos, 1'795'435'200'000'000'005U);
  EXPECT_EQ(got.end_nanos, 1'795'435'200'020'000'005U);
  EXPECT_THAT(got.attributes, Contains(Pair("text", "t")));
  EXPECT_THAT(got.attributes, Contains(Pair("number", "7")));
  EXPECT_THAT(got.attributes, Contains(Pair("yes", "true")));
  EXPECT_EQ(got.status_code, 2U);
  EXPECT_EQ(got.status_message, "it broke");
  EXPECT_EQ(counters_.sent.value(), 1);
}

TEST_F(OtlpExporterTest, ManySpansGoInBatches) {
  options_.batch_size = 10;
  const auto exporter = Make();
  for (int i = 0; i < 35; ++i) exporter->Take(Span(*exporter, "s"));
  exporter->Flush();
  EXPECT_THAT(collector_.spans(), SizeIs(35));
  for (const CollectedRequest& request : collector_.requests()) {
    EXPECT_LE(request.spans.size(), 10U);
  }
}

TEST_F(OtlpExporterTest, WhatTheCollectorCannotTakeNowIsSentAgain) {
  collector_.AnswerWith(grpc::StatusCode::UNAVAILABLE);
  const auto exporter = Make();
  exporter->Take(Span(*exporter, "s"));
  std::thread flusher([&] { exporter->Flush(); });
  Await([&] { return !collector_.requests().empty(); });
  collector_.AnswerWith(grpc::StatusCode::OK);
  flusher.join();
  EXPECT_GE(collector_.requests().size(), 2U);
  EXPECT_EQ(counters_.sent.value(), 1);
  EXPECT_EQ(counters_.dropped.value(), 0);
}

TEST_F(OtlpExporterTest, WhatItRefusesForGoodIsNot) {
  const auto exporter = Make();
  // The last one comes without the time to wait, which is what would allow another attempt.
  for (const grpc::StatusCode code :
       {grpc::StatusCode::INVALID_ARGUMENT, grpc::StatusCode::UNIMPLEMENTED,
        grpc::StatusCode::UNAUTHENTICATED, grpc::StatusCode::RESOURCE_EXHAUSTED}) {
    collector_.AnswerWith(code);
    exporter->Take(Span(*exporter, "s"));
    exporter->Flush();
  }
  EXPECT_THAT(collector_.requests(), SizeIs(4));
  EXPECT_EQ(counters_.rejected.value(), 4);
  // A partial success: partial_success 1 { rejected_spans 1 = 1 }.
  collector_.AnswerWith(grpc::StatusCode::OK, std::string("\x0a\x02\x08\x01", 4));
  exporter->Take(Span(*exporter, "s"));
  exporter->Take(Span(*exporter, "s"));
  exporter->Flush();
  EXPECT_THAT(collector_.requests(), SizeIs(5));
  EXPECT_EQ(counters_.rejected.value(), 5);
  EXPECT_EQ(counters_.sent.value(), 1);
}

// There is none at that address, so that nothing is ever taken out of the queue in time.
TEST_F(OtlpExporterTest, WithoutACollectorSpansAreDroppedAndNobodyWaits) {
  options_.target = "127.0.0.1:1";
  options_.queue_size = 100;
  options_.batch_size = 100;
  options_.timeout = absl::Seconds(30);
  const absl::Time begun = absl::Now();
  {
    const auto exporter = Make();
    for (int i = 0; i < 100'000; ++i) {
      SpanRecord span;
      span.context = {std::string(16, 'x'), std::string(8, 'y'), true};
      exporter->Take(std::move(span));
    }
  }
  EXPECT_LT(absl::Now() - begun, absl::Seconds(20));
  EXPECT_EQ(counters_.dropped.value(), 100'000);
  EXPECT_EQ(counters_.sent.value(), 0);
}

TEST_F(OtlpExporterTest, ACallerDecidesWhetherHisTraceIsRecorded) {
  options_.ratio = 0;
  const auto exporter = Make();
  EXPECT_FALSE(exporter->NewContext(std::nullopt).sampled);
  TraceContext parent{std::string(16, 'x'), std::string(8, 'y'), true};
  const TraceContext child = exporter->NewContext(parent);
  EXPECT_TRUE(child.sampled);
  EXPECT_EQ(child.trace_id, parent.trace_id);
  EXPECT_NE(child.span_id, parent.span_id);
  parent.sampled = false;
  EXPECT_FALSE(exporter->NewContext(parent).sampled);
  SpanRecord span = Span(*exporter, "s");
  exporter->Take(span);
  exporter->Flush();
  EXPECT_THAT(collector_.requests(), SizeIs(0));
}

TEST_F(OtlpExporterTest, NoIdComesTwice) {
  const auto one = Make();
  const auto other = Make();
  std::set<std::string> traces;
  std::set<std::string> spans;
  constexpr std::size_t kTimes = 5000;
  for (std::size_t i = 0; i < kTimes; ++i) {
    for (OtlpExporter* exporter : {one.get(), other.get()}) {
      const TraceContext root = exporter->NewContext(std::nullopt);
      EXPECT_EQ(root.span_id.size(), 8U);
      traces.insert(root.trace_id);
      spans.insert(root.span_id);
      spans.insert(exporter->NewContext(root).span_id);
    }
  }
  EXPECT_EQ(traces.size(), 2 * kTimes);
  EXPECT_EQ(spans.size(), 4 * kTimes);
}

TEST_F(OtlpExporterTest, AShareOfTheTracesIsRecorded) {
  options_.ratio = 0.5;
  const auto exporter = Make();
  int recorded = 0;
  for (int i = 0; i < 2000; ++i) recorded += exporter->NewContext(std::nullopt).sampled ? 1 : 0;
  EXPECT_GT(recorded, 800);
  EXPECT_LT(recorded, 1200);
}

}  // namespace
}  // namespace logexport
