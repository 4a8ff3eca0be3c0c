// What a scrape tells after things have happened to the whole service.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/base/status_macros.h"
#include "tests/api/api_server.h"
#include "tests/support/paths.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_directory.h"

namespace logexport {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// The value of each series, by its name and labels as they are written.
class Scrape {
 public:
  explicit Scrape(const std::string& text) : text_(text) {
    for (const absl::string_view line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
      std::vector<std::string> words = absl::StrSplit(line, ' ');
      if (absl::StartsWith(line, "# TYPE ")) families_.insert(words[2]);
      if (absl::StartsWith(line, "#")) continue;
      const std::size_t blank = line.rfind(' ');
      double value = 0;
      EXPECT_TRUE(absl::SimpleAtod(line.substr(blank + 1), &value)) << line;
      const bool is_new = values_.emplace(std::string(line.substr(0, blank)), value).second;
      EXPECT_TRUE(is_new) << "twice: " << line;
    }
  }

  double operator[](const std::string& series) const {
    const auto found = values_.find(series);
    if (found != values_.end()) return found->second;
    ADD_FAILURE() << "no series " << series;
    return -1;
  }
  bool Has(const std::string& series) const { return values_.contains(series); }
  // Over all series of the family with that label.
  double Sum(const std::string& family, const std::string& with) const {
    double sum = 0;
    for (const auto& [series, value] : values_) {
      if (absl::StartsWith(series, family + "{") && absl::StrContains(series, with)) sum += value;
    }
    return sum;
  }
  const std::set<std::string>& families() const { return families_; }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
  std::map<std::string, double> values_;
  std::set<std::string> families_;
};

// Auth0 tells what is left of it, which is more than a test uses.
const sandbox::RateLimit kLimit{.burst = 10'000, .per_second = 10'000};

std::string Logs(const std::string& outcome, const std::string& exporter = "default") {
  return absl::StrCat("logexport_logs_total{exporter=\"", exporter, "\",outcome=\"", outcome,
                      "\"}");
}

std::string Runs(const std::string& trigger, const std::string& state, const std::string& reason) {
  return absl::StrCat("logexport_runs_total{trigger=\"", trigger, "\",state=\"", state,
                      "\",stop_reason=\"", reason, "\"}");
}

std::string Requests(const std::string& target, const std::string& operation,
                     const std::string& code) {
  return absl::StrCat("logexport_upstream_requests_total{target=\"", target, "\",operation=\"",
                      operation, "\",code=\"", code, "\"}");
}

// Each scrape reads the store anew.
Scrape ScrapeOf(ApiServer& server) {
  server.ForgetSample();
  return Scrape(server.MetricsText());
}

// The ledgers of all reports, which counters must agree with.
v1::Ledger Ledgers(ApiServer& server) {
  v1::Ledger sum;
  const auto reports = server.Get<v1::GetReportsResponse>("GetReports");
  for (const v1::Report& report : reports.reports()) {
    if (report.kind() == v1::RUN_KIND_DRY_RUN) continue;
    sum.set_accepted(sum.accepted() + report.ledger().accepted());
    sum.set_filtered(sum.filtered() + report.ledger().filtered());
    sum.set_dead_lettered(sum.dead_lettered() + report.ledger().dead_lettered());
  }
  return sum;
}

void ExpectCountersAreLedgers(ApiServer& server) {
  const v1::Ledger ledgers = Ledgers(server);
  const Scrape scrape = ScrapeOf(server);
  EXPECT_EQ(scrape[Logs("accepted")], ledgers.accepted());
  EXPECT_EQ(scrape[Logs("filtered")], ledgers.filtered());
  EXPECT_EQ(scrape[Logs("dead_lettered")], ledgers.dead_lettered());
}

std::uint64_t LogRequests(ApiServer& server) {
  const sandbox::SandboxStats stats = server.sandbox().stats();
  return stats.endpoints[sandbox::Endpoint::kLogsCheckpoint].requests +
         stats.endpoints[sandbox::Endpoint::kLogsSearch].requests +
         stats.endpoints[sandbox::Endpoint::kLog].requests;
}

TEST(MetricsTest, AKnownExportIsThereWithItsValues) {
  ApiServer server({.logs = 250, .logs_rate_limit = kLimit});
  server.RefuseLog(server.sandbox().LogIds()[7]);
  const Scrape before = ScrapeOf(server);
  EXPECT_EQ(before[Logs("accepted")], 0);
  EXPECT_EQ(before[Runs("MANUAL", "SUCCEEDED", "CAUGHT_UP")], 0);
  EXPECT_FALSE(before.Has("logexport_last_success_timestamp_seconds{exporter=\"default\"}"));

  const v1::Report report = server.Run();
  ASSERT_EQ(report.state(), v1::RUN_STATE_SUCCEEDED);
  ASSERT_EQ(report.ledger().dead_lettered(), 1);
  server.Run("dry_run: true");
  ExpectCountersAreLedgers(server);

  const Scrape after = ScrapeOf(server);
  EXPECT_EQ(after[Runs("MANUAL", "SUCCEEDED", "CAUGHT_UP")], 2);
  EXPECT_EQ(after["logexport_run_duration_seconds_count"], 2);
  EXPECT_EQ(after["logexport_page_duration_seconds_count"], report.pages() + 1);
  EXPECT_EQ(after["logexport_batch_duration_seconds_count"], report.api_calls().segment());
  EXPECT_EQ(after[Requests("auth0", "token", "200")], 1);
  EXPECT_EQ(after.Sum("logexport_upstream_requests_total", "operation=\"logs\""),
            static_cast<double>(LogRequests(server)));
  EXPECT_EQ(after.Sum("logexport_upstream_requests_total", "operation=\"batch\""),
            report.api_calls().segment());
  EXPECT_GT(after[Requests("segment", "batch", "400")], 0);
  EXPECT_EQ(after["logexport_dead_letters{exporter=\"default\"}"], 1);
  EXPECT_EQ(after["logexport_consecutive_failures{exporter=\"default\"}"], 0);
  EXPECT_EQ(after["logexport_paused{exporter=\"default\"}"], 0);
  EXPECT_EQ(after["logexport_owned{exporter=\"default\"}"], 1);
  EXPECT_EQ(after["logexport_batches_in_flight"], 0);
  EXPECT_EQ(after["logexport_events_unsettled"], 0);
  EXPECT_EQ(after["logexport_active_runs{kind=\"EXPORT\"}"], 0);
  const double now = absl::ToDoubleSeconds(absl::Now() - absl::UnixEpoch());
  EXPECT_NEAR(after["logexport_last_success_timestamp_seconds{exporter=\"default\"}"], now, 300);
  EXPECT_NEAR(after["logexport_last_caught_up_timestamp_seconds{exporter=\"default\"}"], now, 300);
  const double lag = after["logexport_lag_seconds{exporter=\"default\"}"];
  EXPECT_GE(lag, 0);
  EXPECT_LT(lag, 300);
  EXPECT_GT(after["logexport_auth0_ratelimit_limit{exporter=\"default\"}"], 0);
  EXPECT_GT(after["logexport_schedule_period_seconds{exporter=\"default\"}"], 86'400 * 300);
  EXPECT_EQ(after["logexport_rpc_server_call_duration_seconds_count{rpc_method=\"RunNow\","
                  "rpc_response_status_code=\"OK\"}"],
            2);
}

TEST(MetricsTest, CountersFollowCommitsAndAgreeWithTheLedgersInTheEnd) {
  ApiServer server({.logs = 60});
  EXPECT_EQ(server.Run().state(), v1::RUN_STATE_SUCCEEDED);
  // Sent once more: counted once more, as in the reports.
  server.Get<v1::SetCheckpointResponse>("SetCheckpoint", "earliest {}");
  server.Get<v1::UpdateConfigResponse>("UpdateConfig", "config { filter { types: 's' } }");
  EXPECT_EQ(server.Run().state(), v1::RUN_STATE_SUCCEEDED);
  ExpectCountersAreLedgers(server);
  // A restart begins at 0, as counters do.
  server.Restart();
  EXPECT_EQ(ScrapeOf(server)[Logs("accepted")], 0);
}

TEST(MetricsTest, FailuresRetriesAndRefusedCallsAreCounted) {
  ApiServer server;
  sandbox::FaultRule rule;
  rule.endpoints = sandbox::Endpoint::kSegment;
  rule.status = 503;
  rule.times = 2;
  server.sandbox().AddFault(rule);
  EXPECT_EQ(server.Run().state(), v1::RUN_STATE_SUCCEEDED);
  Scrape scrape = ScrapeOf(server);
  EXPECT_EQ(scrape[Requests("segment", "batch", "503")], 2);
  EXPECT_EQ(scrape["logexport_retries_total{target=\"segment\",reason=\"SEGMENT_UNAVAILABLE\"}"],
            2);

  server.ClearFaults();
  rule.status = 401;
  rule.times = 0;
  server.sandbox().AddFault(rule);
  server.Get<v1::SetCheckpointResponse>("SetCheckpoint", "earliest {}");
  EXPECT_EQ(server.Run().state(), v1::RUN_STATE_FAILED);
  server.DeliverMessages();
  server.Call("RunNow", "exporter: 'nobody'");
  scrape = ScrapeOf(server);
  // From a checkpoint that somebody has set back.
  EXPECT_EQ(scrape[Runs("REPLAY", "FAILED", "ERROR")], 1);
  EXPECT_EQ(scrape["logexport_consecutive_failures{exporter=\"default\"}"], 1);
  EXPECT_EQ(scrape["logexport_notifications_total{channel=\"slack\",result=\"sent\"}"], 1);
  EXPECT_EQ(scrape["logexport_outbox_oldest_seconds"], 0);
  EXPECT_EQ(scrape["logexport_rpc_server_call_duration_seconds_count{rpc_method=\"RunNow\","
                   "rpc_response_status_code=\"NOT_FOUND\"}"],
            1);
}

TEST(MetricsTest, AnExporterTakesItsSeriesAlongWhenItGoes) {
  ApiServer server;
  server.Get<v1::CreateExporterResponse>("CreateExporter",
                                         "exporter: 'second' config {" + server.Config() + "}");
  server.Get<v1::PauseExporterResponse>("PauseExporter", "exporter: 'second'");
  Scrape scrape = ScrapeOf(server);
  EXPECT_EQ(scrape["logexport_paused{exporter=\"second\"}"], 1);
  EXPECT_EQ(scrape[Logs("accepted", "second")], 0);
  EXPECT_EQ(scrape["logexport_owned_exporters"], 2);
  server.Get<v1::DeleteExporterResponse>("DeleteExporter", "exporter: 'second' force: true");
  scrape = ScrapeOf(server);
  EXPECT_THAT(scrape.text(), Not(HasSubstr("\"second\"")));
  EXPECT_EQ(scrape["logexport_owned_exporters"], 1);
}

TEST(MetricsTest, AStoreThatFailsIsSeenAndNothingElseIsLost) {
  std::string failing;
  ApiServer server({.store_fault = [&failing](absl::string_view operation) -> absl::Status {
    if (operation != failing) return absl::OkStatus();
    return absl::UnavailableError("locked");
  }});
  EXPECT_EQ(server.Run().state(), v1::RUN_STATE_SUCCEEDED);
  const double accepted = ScrapeOf(server)[Logs("accepted")];
  server.StopRuns();
  failing = "GetCheckpoint";
  const Scrape scrape = ScrapeOf(server);
  failing.clear();
  EXPECT_EQ(scrape["logexport_store_readable"], 0);
  EXPECT_GE(scrape["logexport_store_errors_total{class=\"unavailable\"}"], 1);
  EXPECT_EQ(scrape[Logs("accepted")], accepted);
  EXPECT_EQ(ScrapeOf(server)["logexport_store_readable"], 1);
}

// Reading included: the budget is 20 ms on an idle machine.
TEST(MetricsTest, AScrapeOfTwoHundredExportersIsQuick) {
  ApiServer server;
  EXPECT_THAT(server.store().Write([](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(const ConfigVersion config, tx.GetConfig("default"));
    for (int i = 1; i < 200; ++i) {
      NewExporter exporter;
      exporter.record.id = absl::StrCat("e", i);
      exporter.record.message_namespace = "0123456789abcdef";
      exporter.config = config.config;
      RETURN_IF_ERROR(tx.CreateExporter(exporter, false));
    }
    return absl::OkStatus();
  }),
              IsOk());
  EXPECT_EQ(ScrapeOf(server)["logexport_owned_exporters"], 200);
  absl::Duration best = absl::InfiniteDuration();
  for (int i = 0; i < 10; ++i) {
    server.ForgetSample();
    const absl::Time begun = absl::Now();
    EXPECT_FALSE(server.MetricsText().empty());
    best = std::min(best, absl::Now() - begun);
  }
  RecordProperty("milliseconds", absl::StrCat(absl::ToDoubleMilliseconds(best)));
  EXPECT_LT(best, absl::Milliseconds(40));
}

// Of the families in the table of service/package/README.md, as it is written there.
std::set<std::string> DocumentedFamilies() {
  std::ifstream file(SourcePath("service/package/README.md"));
  const std::string guide{std::istreambuf_iterator<char>(file), {}};
  std::set<std::string> names;
  for (const absl::string_view line : absl::StrSplit(guide, '\n')) {
    if (!absl::StartsWith(line, "| `logexport_") && !absl::StartsWith(line, "| `process_")) {
      continue;
    }
    const std::vector<absl::string_view> cells = absl::StrSplit(line, '|');
    for (absl::string_view word : absl::StrSplit(cells[1], ',')) {
      word = absl::StripAsciiWhitespace(word);
      EXPECT_TRUE(absl::StartsWith(word, "`") && absl::EndsWith(word, "`")) << line;
      names.insert(std::string(word.substr(1, word.size() - 2)));
    }
  }
  return names;
}

// An exporter of which everything is known.
TEST(MetricsTest, WhatIsDocumentedIsThereAndNothingElse) {
  ApiServer server({.logs = 40, .logs_rate_limit = kLimit});
  server.Get<v1::UpdateConfigResponse>(
      "UpdateConfig",
      "config { auth0 { retention { seconds: 172800 } } completeness { ages { seconds: 1 } "
      "interval { seconds: 1 } } }");
  EXPECT_EQ(server.Run().state(), v1::RUN_STATE_SUCCEEDED);
  Scrape scrape = ScrapeOf(server);
  while (!scrape.Has("logexport_completeness_confirmed_timestamp_seconds{exporter=\"default\"}")) {
    scrape = ScrapeOf(server);
  }
  // What a server with TLS finds out while it lives.
  server.metrics().AuditChecked(true);
  server.metrics().CertificateExpires("server", absl::Now() + absl::Hours(1));
  std::set<std::string> documented = DocumentedFamilies();
  // There are other members on PostgreSQL only; tests/postgresql sees to it.
  EXPECT_EQ(documented.erase("logexport_lease_trust_seconds"), 1U);
  EXPECT_EQ(ScrapeOf(server).families(), documented);
}

// The reader that is not ours.
TEST(MetricsTest, PromtoolFindsNothingToObjectTo) {
  ApiServer server({.logs = 40});
  server.Run();
  const TempDirectory directory;
  std::ofstream(directory.File("metrics")) << server.MetricsText();
  const std::string command = absl::StrCat("promtool check metrics < ", directory.File("metrics"),
                                           " > ", directory.File("said"), " 2>&1");
  const int status = std::system(command.c_str());
  std::ifstream said(directory.File("said"));
  EXPECT_EQ(status, 0) << std::string(std::istreambuf_iterator<char>(said), {});
}

}  // namespace
}  // namespace logexport
