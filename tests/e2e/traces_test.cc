// Traces of the real service, as a collector gets them.
#include <map>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/json/json_value.h"
#include "tests/e2e/installation.h"
#include "tests/support/raw_server.h"
#include "tests/support/sandbox_process.h"
#include "tests/support/service_process.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_directory.h"
#include "tests/telemetry/otlp/collector.h"

namespace logexport {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Pair;

constexpr int kLogs = 450;

class TracesTest : public ::testing::Test {
 protected:
  // One run of a tenant of its own, with these variables beside what the sandbox needs.
  ProgramEnd RunOnce(const ServiceProcess::Environment& variables) {
    auto sandbox = SandboxProcess::Start({"--generate", absl::StrCat(kLogs)});
    EXPECT_THAT(sandbox, IsOk());
    if (!sandbox.ok()) return {};
    ServiceProcess::Environment environment = (*sandbox)->Environment();
    environment.insert(environment.end(), variables.begin(), variables.end());
    environment.emplace_back("SEGMENT_MAX_EVENTS_PER_SECOND", "0");
    const TempDirectory directory;
    ProgramEnd end = RunService(
        {"--run-once", "--log-format", "json", "--state", "sqlite:" + directory.File("state.db")},
        environment);
    EXPECT_EQ((*sandbox)->Stat({"segment", "unique_message_ids"}), kLogs);
    return end;
  }
};

TEST_F(TracesTest, ARunIsATreeOfPagesBatchesAndCommits) {
  const Collector collector;
  const ProgramEnd end = RunOnce({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://" + collector.address()},
                                  {"OTEL_RESOURCE_ATTRIBUTES", "deployment.environment=test"}});
  ASSERT_EQ(end.exit_status, 0) << end.error_output;
  const std::vector<CollectedSpan> spans = collector.spans();
  std::map<std::string, int> names;
  CollectedSpan run;
  for (const CollectedSpan& span : spans) {
    // Reading again what became old enough is a run of its own, if it comes to that.
    if (span.name == "run" && span.attributes.at("logexport.kind") == "EXPORT") run = span;
  }
  ASSERT_EQ(run.name, "run");
  for (const CollectedSpan& span : spans) {
    if (span.trace_id != run.trace_id) continue;
    ++names[span.name];
    EXPECT_LE(span.start_nanos, span.end_nanos);
    if (span.name == "run") continue;
    EXPECT_EQ(span.parent_span_id, run.span_id) << span.name;
    EXPECT_EQ(span.kind, span.name == "commit" ? 1U : 3U) << span.name;
    EXPECT_GE(span.start_nanos, run.start_nanos) << span.name;
  }
  EXPECT_EQ(run.parent_span_id, "");
  EXPECT_EQ(run.status_code, 0U);
  EXPECT_THAT(run.attributes, Contains(Pair("logexport.exporter", "default")));
  EXPECT_THAT(run.attributes, Contains(Pair("logexport.state", "SUCCEEDED")));
  EXPECT_THAT(run.attributes, Contains(Pair("logexport.logs.accepted", absl::StrCat(kLogs))));
  EXPECT_EQ(names["run"], 1);
  EXPECT_EQ(names["fetch page"], 6);  // the last one is empty
  EXPECT_GE(names["send batch"], 1);
  EXPECT_GE(names["commit"], 1);
  ASSERT_FALSE(collector.requests().empty());
  EXPECT_THAT(collector.requests()[0].resource, Contains(Pair("service.name", "logexportd")));
  EXPECT_THAT(collector.requests()[0].resource, Contains(Pair("deployment.environment", "test")));
  // The lines of the run lead to its trace.
  int lines = 0;
  for (const absl::string_view line : absl::StrSplit(end.error_output, '\n', absl::SkipEmpty())) {
    const absl::StatusOr<JsonValue> parsed = JsonValue::Parse(line);
    if (!parsed.ok() || (*parsed)["kind"].String() != "EXPORT") continue;
    EXPECT_EQ((*parsed)["trace_id"].String(), run.trace_id) << line;
    EXPECT_EQ((*parsed)["span_id"].String(), run.span_id) << line;
    ++lines;
  }
  EXPECT_EQ(lines, 2);
}

TEST_F(TracesTest, ACollectorThatRefusesHangsOrIsNotThereChangesNothingOfARun) {
  Collector refusing;
  refusing.AnswerWith(grpc::StatusCode::PERMISSION_DENIED);
  const RawServer hanging(AnswerThenHang(""));
  for (const std::string& address : {refusing.address(), absl::StrCat("127.0.0.1:", hanging.port()),
                                     std::string("127.0.0.1:1")}) {
    const absl::Time begun = absl::Now();
    const ProgramEnd end = RunOnce({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://" + address}});
    EXPECT_EQ(end.exit_status, 0) << end.error_output;
    // The end waits two seconds at most; the rest is a busy machine's.
    EXPECT_LT(absl::Now() - begun, absl::Seconds(30)) << address;
    EXPECT_THAT(end.error_output, HasSubstr("run ended")) << address;
  }
}

TEST_F(TracesTest, AVariableThatCannotBeUsedEndsTheStart) {
  const TempDirectory directory;
  auto sandbox = SandboxProcess::Start({"--generate", "1"});
  ASSERT_THAT(sandbox, IsOk());
  ServiceProcess::Environment environment = (*sandbox)->Environment();
  environment.emplace_back("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector");
  environment.emplace_back("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf");
  const ProgramEnd end =
      RunService({"--run-once", "--state", "sqlite:" + directory.File("state.db")}, environment);
  EXPECT_EQ(end.exit_status, 2);
  EXPECT_THAT(end.error_output, HasSubstr("OTEL_EXPORTER_OTLP_PROTOCOL"));
}

}  // namespace
}  // namespace logexport
