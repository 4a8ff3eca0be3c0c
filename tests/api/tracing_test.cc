// What is traced of calls and runs, and how they hang together.
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/base/mutex.h"
#include "tests/api/api_server.h"
#include "tests/support/await.h"

namespace logexport {
namespace {

using ::testing::Contains;
using ::testing::Pair;

bool CallWithin(ApiServer& server, const std::string& traceparent, const std::string& request) {
  grpc::ClientContext context;
  context.AddMetadata("traceparent", traceparent);
  ApiCallOptions options;
  options.context = &context;
  return server.Call("GetStatus", request, options).ok();
}

// Keeps every span.
class SpanKeeper final : public SpanSink {
 public:
  TraceContext NewContext(const std::optional<TraceContext>& parent) override {
    MutexLock lock(&mutex_);
    const std::string number = std::to_string(100'000'000'000'000 + ++made_);
    TraceContext context;
    context.trace_id = parent.has_value() ? parent->trace_id : "t" + number;
    context.span_id = number.substr(7);
    context.sampled = !parent.has_value() || parent->sampled;
    return context;
  }
  void Take(SpanRecord span) override {
    MutexLock lock(&mutex_);
    spans_.push_back(std::move(span));
  }
  std::vector<SpanRecord> Named(const std::string& name) const {
    MutexLock lock(&mutex_);
    std::vector<SpanRecord> found;
    for (const SpanRecord& span : spans_) {
      if (span.name == name) found.push_back(span);
    }
    return found;
  }

 private:
  mutable Mutex mutex_;
  int made_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<SpanRecord> spans_ ABSL_GUARDED_BY(mutex_);
};

constexpr char kGetStatus[] = "logexport.v1.LogExportService/GetStatus";

TEST(TracingTest, ACallBelongsToTheTraceOfItsCaller) {
  SpanKeeper spans;
  ApiServer server({.spans = &spans});
  EXPECT_TRUE(CallWithin(server, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", ""));
  Await([&] { return !spans.Named(kGetStatus).empty(); });
  const SpanRecord call = spans.Named(kGetStatus).front();
  EXPECT_EQ(call.context.trace_hex(), "0af7651916cd43dd8448eb211c80319c");
  EXPECT_EQ(TraceContext({"", call.parent_span_id, false}).span_hex(), "b7ad6b7169203331");
  EXPECT_EQ(call.kind, SpanKind::kServer);
  EXPECT_FALSE(call.error.has_value());
  EXPECT_GE(call.end, call.start);
}

TEST(TracingTest, WhatTheCallerDoesNotWantRecordedIsNot) {
  SpanKeeper spans;
  ApiServer server({.spans = &spans});
  EXPECT_TRUE(CallWithin(server, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00", ""));
  // One that is malformed is as good as none.
  EXPECT_FALSE(CallWithin(server, "00-xyz", "exporter: 'nobody'"));
  Await([&] { return !spans.Named(kGetStatus).empty(); });
  ASSERT_EQ(spans.Named(kGetStatus).size(), 1U);
  const SpanRecord refused = spans.Named(kGetStatus).front();
  EXPECT_EQ(refused.parent_span_id, "");
  EXPECT_TRUE(refused.error.has_value());
  EXPECT_THAT(refused.attributes,
              Contains(Pair("error.type",
                            std::variant<std::string, std::int64_t, bool>("EXPORTER_NOT_FOUND"))));
}

TEST(TracingTest, AFailedAttemptIsASpanThatFailed) {
  SpanKeeper spans;
  ApiServer server({.spans = &spans});
  sandbox::FaultRule rule;
  rule.endpoints = sandbox::Endpoint::kSegment;
  rule.status = 503;
  rule.times = 1;
  server.sandbox().AddFault(rule);
  EXPECT_EQ(server.Run().state(), v1::RUN_STATE_SUCCEEDED);
  Await([&] { return !spans.Named("run").empty(); });
  const SpanRecord run = spans.Named("run").front();
  EXPECT_FALSE(run.error.has_value());
  const std::vector<SpanRecord> batches = spans.Named("send batch");
  ASSERT_EQ(batches.size(), 2U);
  EXPECT_TRUE(batches[0].error.has_value());
  EXPECT_FALSE(batches[1].error.has_value());
  for (const SpanRecord& batch : batches) {
    EXPECT_EQ(batch.context.trace_id, run.context.trace_id);
    EXPECT_EQ(batch.parent_span_id, run.context.span_id);
  }
  EXPECT_FALSE(spans.Named("commit").empty());
  EXPECT_FALSE(spans.Named("fetch page").empty());
}

}  // namespace
}  // namespace logexport
