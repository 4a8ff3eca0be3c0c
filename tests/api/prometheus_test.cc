// A real Prometheus scrapes the whole service: what it stores, whether every query of the dashboard
// has an answer, and whether alerts fire for what happens and not otherwise.
#include <algorithm>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/http/url.h"
#include "service/json/json_value.h"
#include "tests/api/api_server.h"
#include "tests/support/await.h"
#include "tests/support/http_client.h"
#include "tests/support/paths.h"
#include "tests/support/raw_server.h"
#include "tests/support/status_matchers.h"
#include "tests/support/subprocess.h"
#include "tests/support/temp_directory.h"

namespace logexport {
namespace {

using ::testing::IsEmpty;

std::string WholeFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// The alerts with a `for` that a test can wait for.
std::string HastyAlerts() {
  std::string rules = WholeFile(SourcePath("service/package/prometheus/alerts.yaml"));
  for (const char* waits : {"1m", "5m", "10m", "15m", "1h"}) {
    rules = absl::StrReplaceAll(rules, {{absl::StrCat("for: ", waits, "\n"), "for: 1s\n"}});
  }
  return rules;
}

class PrometheusTest : public ::testing::Test {
 protected:
  PrometheusTest()
      : listener_([this](RawConnection& connection, int) {
          while (connection.ReadRequest().has_value()) {
            server_.ForgetSample();
            connection.Send(RawResponse(200, server_.MetricsText(),
                                        "Content-Type: text/plain; version=0.0.4\r\n"));
          }
        }) {
    listener_.StopRecording();
    std::ofstream(directory_.File("alerts.yaml")) << HastyAlerts();
    std::ofstream(directory_.File("prometheus.yaml"))
        << "global: {scrape_interval: 250ms, evaluation_interval: 250ms}\n"
        << "rule_files: [alerts.yaml]\n"
        << "scrape_configs:\n"
        << "  - job_name: logexport\n"
        << "    static_configs: [{targets: ['127.0.0.1:" << listener_.port() << "']}]\n";
    auto started = Subprocess::Start(
        {"/usr/bin/prometheus", "--config.file=" + directory_.File("prometheus.yaml"),
         "--storage.tsdb.path=" + directory_.File("data"), "--web.listen-address=127.0.0.1:0"});
    EXPECT_THAT(started, IsOk());
    prometheus_ = *std::move(started);
    const std::string mark = "msg=\"Listening on\" address=";
    Await([&] { return absl::StrContains(prometheus_->ErrorOutput(), mark); });
    std::string log = prometheus_->ErrorOutput();
    log = log.substr(log.find(mark) + mark.size());
    url_ = "http://" + log.substr(0, log.find('\n'));
    Await([&] { return HttpGet(url_, "/-/ready").status == 200; });
    AwaitScrapes(2);
  }

  JsonValue Get(const std::string& target) {
    const HttpReply reply = HttpGet(url_, target);
    const absl::StatusOr<JsonValue> answer = JsonValue::Parse(reply.body);
    EXPECT_EQ(reply.status, 200) << target << " " << reply.body;
    return answer.ok() ? *answer : JsonValue();
  }
  // The series that the query answers.
  std::vector<JsonValue> Query(const std::string& query) {
    return Get("/api/v1/query?query=" + PercentEncode(query))["data"]["result"].items();
  }
  double Value(const std::string& query) {
    const std::vector<JsonValue> series = Query(query);
    EXPECT_EQ(series.size(), 1U) << query;
    if (series.empty()) return -1;
    return std::stod(series[0]["value"].items()[1].String());
  }
  // Waits for so many further scrapes.
  void AwaitScrapes(int count) {
    const auto seen = [this] {
      const std::vector<JsonValue> series = Query("count_over_time(up[1h])");
      return series.empty() ? 0 : std::stoi(series[0]["value"].items()[1].String());
    };
    const int before = seen();
    Await([&] { return seen() >= before + count; });
  }
  std::vector<std::string> Firing() {
    std::vector<std::string> names;
    const JsonValue answer = Get("/api/v1/alerts");
    for (const JsonValue& alert : answer["data"]["alerts"].items()) {
      if (alert["state"].String() == "firing") {
        names.push_back(alert["labels"]["alertname"].String());
      }
    }
    return names;
  }

  ApiServer server_{{.logs = 120, .logs_rate_limit = {.burst = 10'000, .per_second = 10'000}}};
  const TempDirectory directory_;
  std::unique_ptr<Subprocess> prometheus_;
  std::string url_;
  RawServer listener_;
};

// Each query of the dashboard, with its variables as Grafana fills them in.
std::vector<std::string> DashboardQueries() {
  const absl::StatusOr<JsonValue> dashboard =
      JsonValue::Parse(WholeFile(SourcePath("service/package/grafana/dashboard.json")));
  EXPECT_THAT(dashboard, IsOk());
  std::vector<std::string> queries;
  for (const JsonValue& panel : (*dashboard)["panels"].items()) {
    for (const JsonValue& target : panel["targets"].items()) {
      queries.push_back(absl::StrReplaceAll(
          target["expr"].String(),
          {{"$instance", ".*"}, {"$exporter", ".*"}, {"$__rate_interval", "1m"}}));
    }
  }
  EXPECT_GT(queries.size(), 30U);
  return queries;
}

TEST_F(PrometheusTest, StoresWhatTheReportsSayAndAnswersEveryQueryOfTheDashboard) {
  server_.Get<v1::UpdateConfigResponse>(
      "UpdateConfig", "config { completeness { ages { seconds: 1 } interval { seconds: 1 } } }");
  const v1::Report report = server_.Run();
  ASSERT_EQ(report.state(), v1::RUN_STATE_SUCCEEDED);
  AwaitScrapes(2);
  EXPECT_EQ(Value("sum(logexport_logs_total{outcome=\"accepted\"})"),
            static_cast<double>(report.ledger().accepted()));
  EXPECT_EQ(Value("logexport_logs_total{exporter=\"default\", outcome=\"filtered\"}"),
            static_cast<double>(report.ledger().filtered()));
  // It takes a moment until logs are old enough to be read again.
  Await([&] { return !Query("logexport_completeness_confirmed_timestamp_seconds").empty(); });
  std::vector<std::string> unanswered;
  for (const std::string& query : DashboardQueries()) {
    // There are other members on PostgreSQL only; tests/monitoring/provoke.py asks all queries.
    if (absl::StrContains(query, "logexport_lease_trust_seconds")) continue;
    if (Query(query).empty()) unanswered.push_back(query);
  }
  EXPECT_THAT(unanswered, IsEmpty());
}

TEST_F(PrometheusTest, AlertsFireForWhatHappensAndNotOtherwise) {
  EXPECT_EQ(server_.Run().state(), v1::RUN_STATE_SUCCEEDED);
  AwaitScrapes(8);
  EXPECT_THAT(Firing(), IsEmpty());

  const auto fires = [this](const std::string& name) {
    return Await([&] {
      const std::vector<std::string> firing = Firing();
      return std::find(firing.begin(), firing.end(), name) != firing.end();
    });
  };
  // The destination refuses the key, three times.
  sandbox::FaultRule rule;
  rule.endpoints = sandbox::Endpoint::kSegment;
  rule.status = 401;
  server_.sandbox().AddFault(rule);
  for (int i = 0; i < 3; ++i) {
    server_.Get<v1::SetCheckpointResponse>("SetCheckpoint", "earliest {}");
    EXPECT_EQ(server_.Run().state(), v1::RUN_STATE_FAILED);
  }
  EXPECT_TRUE(fires("LogexportFailing"));
  server_.ClearFaults();

  // One log that Segment can never accept.
  server_.RefuseLog(server_.sandbox().LogIds()[5]);
  EXPECT_EQ(server_.Run().state(), v1::RUN_STATE_SUCCEEDED);
  EXPECT_TRUE(fires("LogexportDeadLetters"));
}

}  // namespace
}  // namespace logexport
