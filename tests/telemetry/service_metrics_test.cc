#include "service/telemetry/service_metrics.h"

#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace logexport {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

ServiceSample SampleOf(int exporters) {
  ServiceSample sample;
  for (int i = 0; i < exporters; ++i) {
    ExporterSample one;
    one.exporter = absl::StrCat("e", i);
    one.lag_seconds = 10.0 + i;
    one.last_success_time = 1000.0 + i;
    one.rate_limit = 50;
    one.consecutive_failures = i;
    one.dead_letters = 2;
    one.paused = i == 1;
    sample.exporters.push_back(one);
  }
  return sample;
}

std::string TextWith(PerExporter detail, int exporters) {
  ServiceMetrics metrics({"1.2.3", detail, {"RunNow"}});
  for (int i = 0; i < exporters; ++i) {
    metrics.OfExporter(absl::StrCat("e", i))->accepted.Add(i);
    metrics.totals().accepted.Add(i);
  }
  return metrics.Text(SampleOf(exporters));
}

TEST(ServiceMetricsTest, KnownSeriesExistFromTheStart) {
  ServiceMetrics metrics({"1.2.3", PerExporter::kAuto, {}});
  metrics.OfExporter("acme");
  EXPECT_THAT(metrics.Text({}),
              AllOf(HasSubstr("logexport_build_info{version=\"1.2.3\"} 1\n"),
                    HasSubstr("logexport_logs_total{exporter=\"acme\",outcome=\"filtered\"} 0\n"),
                    HasSubstr("logexport_runs_total{trigger=\"SCHEDULE\",state=\"FAILED\","
                              "stop_reason=\"ERROR\"} 0\n"),
                    HasSubstr("logexport_upstream_requests_total{target=\"segment\","
                              "operation=\"batch\",code=\"429\"} 0\n"),
                    HasSubstr("logexport_fires_total{result=\"missed\"} 0\n"),
                    HasSubstr("logexport_notifications_total{channel=\"webhook\","
                              "result=\"given_up\"} 0\n"),
                    HasSubstr("logexport_takeovers_total{reason=\"expired\"} 0\n"),
                    HasSubstr("logexport_moves_total{reason=\"shutdown\"} 0\n"),
                    HasSubstr("logexport_store_unreplicated_commits_total 0\n"),
                    HasSubstr("process_resident_memory_bytes "), HasSubstr("process_threads "),
                    HasSubstr("process_start_time_seconds ")));
}

TEST(ServiceMetricsTest, FullTellsOfEachExporter) {
  const std::string text = TextWith(PerExporter::kFull, 3);
  EXPECT_THAT(text,
              AllOf(HasSubstr("logexport_logs_total{exporter=\"e2\",outcome=\"accepted\"} 2\n"),
                    HasSubstr("logexport_lag_seconds{exporter=\"e0\"} 10\n"),
                    HasSubstr("logexport_auth0_ratelimit_limit{exporter=\"e1\"} 50\n"),
                    HasSubstr("logexport_paused{exporter=\"e1\"} 1\n"),
                    Not(HasSubstr("logexport_logs_total{outcome"))));
}

TEST(ServiceMetricsTest, KeyTellsOfEachExporterWhatAlertsNeedAndSumsUpTheRest) {
  const std::string text = TextWith(PerExporter::kKey, 3);
  EXPECT_THAT(text, AllOf(HasSubstr("logexport_logs_total{outcome=\"accepted\"} 3\n"),
                          HasSubstr("logexport_lag_seconds{exporter=\"e2\"} 12\n"),
                          HasSubstr("logexport_auth0_ratelimit_limit 50\n"),
                          Not(HasSubstr("logexport_logs_total{exporter"))));
}

TEST(ServiceMetricsTest, OffTellsTheWorstOrTheSum) {
  const std::string text = TextWith(PerExporter::kOff, 3);
  EXPECT_THAT(text,
              AllOf(HasSubstr("logexport_lag_seconds 12\n"),
                    HasSubstr("logexport_last_success_timestamp_seconds 1000\n"),
                    HasSubstr("logexport_consecutive_failures 2\n"),
                    HasSubstr("logexport_dead_letters 6\n"), HasSubstr("logexport_paused 1\n"),
                    HasSubstr("logexport_owned_exporters 3\n"), Not(HasSubstr("exporter=\""))));
}

TEST(ServiceMetricsTest, BeyondTwoHundredExportersOnlyTheKeyIsToldUnlessAskedFor) {
  EXPECT_THAT(TextWith(PerExporter::kAuto, 200), HasSubstr("logexport_logs_total{exporter"));
  EXPECT_THAT(TextWith(PerExporter::kAuto, 201), Not(HasSubstr("logexport_logs_total{exporter")));
  EXPECT_THAT(TextWith(PerExporter::kFull, 201), HasSubstr("logexport_logs_total{exporter"));
}

TEST(ServiceMetricsTest, TheSeriesOfAnExporterGoWithItAndItsCountsStayInTheSum) {
  ServiceMetrics metrics({"1", PerExporter::kAuto, {}});
  const auto counters = metrics.OfExporter("gone");
  counters->accepted.Add(5);
  metrics.totals().accepted.Add(5);
  metrics.Forget("gone");
  counters->accepted.Add(1);  // a run that goes on for a moment
  EXPECT_THAT(metrics.Text({}), Not(HasSubstr("gone")));
  EXPECT_EQ(metrics.totals().accepted.value(), 5);
  // One that is created anew begins anew.
  EXPECT_EQ(metrics.OfExporter("gone")->accepted.value(), 0);
}

TEST(ServiceMetricsTest, MembersAreToldOfAsTheyWereSeen) {
  ServiceMetrics metrics({"1", PerExporter::kAuto, {}});
  metrics.TookOver(/*expired=*/true);
  metrics.TookOver(/*expired=*/false);
  metrics.TookOver(/*expired=*/false);
  metrics.GaveBack("balance", 3);
  metrics.GaveBack("shutdown", 4);
  metrics.CommitUnreplicated();
  ServiceSample sample;
  // A process that shares its store with nobody needs nobody's trust.
  EXPECT_THAT(metrics.Text(sample), AllOf(HasSubstr("logexport_members 1\n"),
                                          HasSubstr("logexport_unowned_exporters 0\n"),
                                          Not(HasSubstr("logexport_lease_trust_seconds"))));
  sample.members = 3;
  sample.unowned_exporters = 2;
  sample.lease_trust_seconds = 7.5;
  EXPECT_THAT(
      metrics.Text(sample),
      AllOf(HasSubstr("logexport_members 3\n"), HasSubstr("logexport_unowned_exporters 2\n"),
            HasSubstr("logexport_lease_trust_seconds 7.5\n"),
            HasSubstr("logexport_takeovers_total{reason=\"expired\"} 1\n"),
            HasSubstr("logexport_takeovers_total{reason=\"free\"} 2\n"),
            HasSubstr("logexport_moves_total{reason=\"balance\"} 3\n"),
            HasSubstr("logexport_moves_total{reason=\"shutdown\"} 4\n"),
            HasSubstr("logexport_store_unreplicated_commits_total 1\n")));
}

// Whoever calls chooses the names of methods, and purposes come from other rooms.
TEST(ServiceMetricsTest, NamesThatAreNotKnownMakeNoSeries) {
  ServiceMetrics metrics({"1", PerExporter::kAuto, {"RunNow"}});
  for (int i = 0; i < 100; ++i) {
    metrics.CallEnded(absl::StrCat("Method", i), "OK", absl::Milliseconds(1));
    metrics.RequestEnded(absl::StrCat("x/", i), 599, absl::Milliseconds(1));
    metrics.RequestEnded("no slash", 0, absl::Milliseconds(1));
    metrics.Retried("auth0", absl::StrCat("REASON_", i));
    metrics.CallRefused(absl::StrCat("REASON_", i));
    metrics.MessageHandled("pager", "lost");
    metrics.StoreFailed(absl::StatusCode::kInternal);
  }
  metrics.CallEnded("RunNow", "ABORTED", absl::Milliseconds(1));
  const std::string text = metrics.Text({});
  EXPECT_THAT(
      text,
      AllOf(HasSubstr("rpc_server_call_duration_seconds_count{rpc_method=\"_OTHER\","
                      "rpc_response_status_code=\"OK\"} 100\n"),
            HasSubstr("rpc_server_call_duration_seconds_count{rpc_method=\"RunNow\","
                      "rpc_response_status_code=\"ABORTED\"} 1\n"),
            HasSubstr("requests_total{target=\"other\",operation=\"other\",code=\"other\"} 100\n"),
            HasSubstr("requests_total{target=\"other\",operation=\"other\",code=\"none\"} 100\n"),
            HasSubstr("logexport_retries_total{target=\"other\",reason=\"other\"} 100\n"),
            HasSubstr("logexport_store_errors_total{class=\"other\"} 100\n"),
            Not(HasSubstr("REASON_")), Not(HasSubstr("pager")), Not(HasSubstr("Method7"))));
}

TEST(ServiceMetricsTest, AScrapeDisturbsNobodyWhoCounts) {
  ServiceMetrics metrics({"1", PerExporter::kAuto, {"RunNow"}});
  const auto counters = metrics.OfExporter("acme");
  std::thread scraper([&] {
    for (int i = 0; i < 50; ++i) EXPECT_FALSE(metrics.Text(SampleOf(1)).empty());
  });
  for (int i = 0; i < 20'000; ++i) {
    counters->accepted.Add();
    metrics.page_duration().Observe(absl::Milliseconds(1));
    metrics.RequestEnded("segment/batch", 200, absl::Milliseconds(1));
    if (i % 100 == 0) metrics.CallEnded("RunNow", "OK", absl::Milliseconds(1));
  }
  scraper.join();
  EXPECT_THAT(metrics.Text(SampleOf(1)),
              AllOf(HasSubstr("logexport_page_duration_seconds_count 20000\n"),
                    HasSubstr("outcome=\"accepted\"} 20000\n")));
}

TEST(ServiceMetricsTest, TwoHundredExportersAreWrittenInTime) {
  ServiceMetrics metrics({"1", PerExporter::kAuto, {}});
  for (int i = 0; i < 200; ++i) metrics.OfExporter(absl::StrCat("e", i));
  const ServiceSample sample = SampleOf(200);
  absl::Duration best = absl::InfiniteDuration();
  for (int i = 0; i < 10; ++i) {
    const absl::Time begun = absl::Now();
    EXPECT_FALSE(metrics.Text(sample).empty());
    best = std::min(best, absl::Now() - begun);
  }
  // A tenth of the budget of 20 ms on an idle machine; this one may be busy.
  EXPECT_LT(best, absl::Milliseconds(20));
}

}  // namespace
}  // namespace logexport
