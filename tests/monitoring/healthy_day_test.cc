// A simulated day on which nothing goes wrong: no alert fires.
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/application.h"
#include "service/auth0/type_table.h"
#include "service/config/audit_keys.h"
#include "service/config/environment_variables.h"
#include "service/config/exporter_setup.h"
#include "service/config/secret_keys.h"
#include "service/config/secret_sealer.h"
#include "service/http/curl_transport.h"
#include "service/state/engines/open_store.h"
#include "tests/sandbox/sandbox.h"
#include "tests/support/await.h"
#include "tests/support/fake_clock.h"
#include "tests/support/paths.h"
#include "tests/support/status_matchers.h"
#include "tests/support/subprocess.h"
#include "tests/support/temp_directory.h"

namespace logexport {
namespace {

using ::testing::HasSubstr;

constexpr absl::Duration kScrapeInterval = absl::Minutes(1);
constexpr int kScrapes = 24 * 60;
constexpr int kMinutesPerRun = 5;

std::string WholeFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// The service below its API, by a clock that the test moves.
class HealthyDayTest : public ::testing::Test {
 protected:
  HealthyDayTest() {
    sandbox::SandboxOptions options;
    options.generate = 20;
    options.start_time = clock_.Now() - absl::Hours(1);
    auto sandbox = sandbox::Sandbox::Start(std::move(options));
    auto transport = MakeCurlTransport({});
    EXPECT_THAT(sandbox, IsOk());
    EXPECT_THAT(transport, IsOk());
    sandbox_ = *std::move(sandbox);
    transport_ = *std::move(transport);
    TellSandboxTheTime();
    auto store = OpenStore(
        {"sqlite:" + directory_.File("state.db"), {}, &sealer_, &audit_keys_, {}}, clock_);
    EXPECT_THAT(store, IsOk());
    store_ = *std::move(store);
    EXPECT_THAT(PrepareSecrets(*store_, keys_, sealer_, /*may_create=*/true), IsOk());
    const std::map<std::string, std::string> environment = {
        {"AUTH0_DOMAIN", sandbox_->options().auth0.domain},
        {"AUTH0_BASE_URL", sandbox_->url()},
        {"AUTH0_CLIENT_ID", sandbox_->options().auth0.client_id},
        {"AUTH0_CLIENT_SECRET", sandbox_->options().auth0.client_secret},
        {"SEGMENT_KEY", sandbox_->options().segment.write_key},
        {"SEGMENT_ENDPOINT", sandbox_->url()},
        {"SEGMENT_MAX_EVENTS_PER_SECOND", "0"},
        {"SCHEDULE", absl::StrCat("*/", kMinutesPerRun, " * * * *")},
        {"START_FROM", "earliest"}};
    const EnvironmentLookup lookup =
        [environment](absl::string_view name) -> std::optional<std::string> {
      const auto found = environment.find(std::string(name));
      return found == environment.end() ? std::nullopt : std::optional(found->second);
    };
    // The service reads secrets from its own environment when it needs them.
    for (const char* name : {"AUTH0_CLIENT_SECRET", "SEGMENT_KEY"}) {
      ::setenv(name, environment.at(name).c_str(), /*overwrite=*/1);
    }
    const SecretResolver secrets(lookup);
    StartupSources sources;
    sources.environment = ReadEnvironment(lookup);
    const absl::StatusOr<StartupPlan> plan = SetUpExporters(
        *store_, sources, {IsKnownLogType, IsKnownCategory, AllLogTypes(), secrets}, clock_);
    EXPECT_THAT(plan, IsOk());
    for (const ConfigViolation& violation : plan->violations) ADD_FAILURE() << ToText(violation);
    application_ = std::make_unique<Application>(*store_, *transport_, clock_, "", plan->configured,
                                                 /*follow_schedules=*/true, metrics_,
                                                 StoreProtection{&keys_, &sealer_, &audit_keys_});
    EXPECT_THAT(application_->supervisor.Start(), IsOk());
  }

  ~HealthyDayTest() override { application_->supervisor.Shutdown(absl::ZeroDuration()); }

  void TellSandboxTheTime() { sandbox_->SetClockOffset(clock_.Now() - absl::Now()); }

  // A scrape of now; the values by their series.
  std::map<std::string, std::string> Scrape() {
    application_->sampler.Forget();
    std::map<std::string, std::string> values;
    const std::string text = application_->MetricsText();
    for (const absl::string_view line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
      if (absl::StartsWith(line, "#")) continue;
      const std::size_t blank = line.rfind(' ');
      values[std::string(line.substr(0, blank))] = std::string(line.substr(blank + 1));
    }
    return values;
  }

  // No run is executed, and the schedule has started so many.
  bool Rests(std::int64_t started) {
    const std::map<std::string, std::string> now = Scrape();
    for (const auto& [series, value] : now) {
      if (absl::StartsWith(series, "logexport_active_runs{") && value != "0") return false;
    }
    return now.at("logexport_fires_total{result=\"started\"}") == absl::StrCat(started);
  }

  // 2026-11-23 00:00, so that the first run is due after five scrapes.
  FakeClock clock_{FakeClock::DefaultStart()};
  TempDirectory directory_;
  std::unique_ptr<sandbox::Sandbox> sandbox_;
  std::unique_ptr<HttpTransport> transport_;
  SecretKeys keys_{directory_.File("state.db.key")};
  const SecretSealer sealer_{keys_};
  const AuditKeys audit_keys_{keys_};
  ServiceMetrics metrics_{MetricsOptions(PerExporter::kAuto)};
  std::unique_ptr<Store> store_;
  std::unique_ptr<Application> application_;
};

TEST_F(HealthyDayTest, NoAlertFires) {
  const std::string rules_file = SourcePath("service/package/prometheus/alerts.yaml");
  const std::string rules = WholeFile(rules_file);
  std::map<std::string, std::vector<std::string>> series;
  const absl::Time midnight = clock_.Now();
  for (int scrape = 1; scrape <= kScrapes; ++scrape) {
    // Quieter at night, and nothing at all for an hour.
    const int hour = scrape / 60;
    const std::size_t logs = hour == 3 ? 0 : hour < 6 ? 1 : 7;
    const absl::Time now = midnight + (scrape - 1) * kScrapeInterval;
    if (logs > 0) sandbox_->GenerateLogs(logs, now, absl::Seconds(40));
    sandbox_->SetClockOffset(now + kScrapeInterval - absl::Now());
    clock_.Advance(now + kScrapeInterval - clock_.Now());
    Await([&] {
      if (Rests(scrape / kMinutesPerRun)) return true;
      // A run waits for moments of its own, such as a commit for more to come.
      clock_.Advance(absl::Milliseconds(20));
      return false;
    });
    for (const auto& [name, value] : Scrape()) {
      if (!absl::StrContains(rules, name.substr(0, name.find('{')))) continue;
      std::vector<std::string>& values = series[name];
      values.resize(static_cast<std::size_t>(scrape - 1), "_");
      values.push_back(value);
    }
  }
  // What is not there yet is of the last minutes.
  EXPECT_LE(sandbox_->MissingLogs().count, 35U);
  EXPECT_GE(sandbox_->LogIds().size(), 5'000U);

  std::ofstream file(directory_.File("day.yaml"));
  file << "rule_files: ['" << rules_file << "']\n"
       << "evaluation_interval: 1m\n"
       << "tests:\n"
       << "  - interval: 1m\n"
       << "    input_series:\n"
       << "      - {series: 'up{job=\"logexport\",instance=\"a\"}', values: '1x" << kScrapes
       << "'}\n";
  for (const auto& [name, values] : series) {
    const std::size_t brace = name.find('{');
    const std::string labels =
        brace == std::string::npos ? "}" : absl::StrCat(",", name.substr(brace + 1));
    file << "      - {series: '" << name.substr(0, brace) << "{job=\"logexport\",instance=\"a\""
         << labels << "', values: '" << absl::StrJoin(values, " ") << "'}\n";
  }
  // A test that sees no series could not see an alert either.
  file << "    promql_expr_test:\n"
       << "      - {expr: 'count(count_over_time(logexport_lag_seconds[25h]))', eval_time: 24h, "
          "exp_samples: [{labels: '{}', value: 1}]}\n"
       << "      - {expr: 'count_over_time(ALERTS{alertstate=\"firing\"}[25h])', eval_time: 24h, "
          "exp_samples: []}\n";
  file.close();
  EXPECT_GT(series.size(), 10U);
  const auto tool =
      Subprocess::Start({"/usr/bin/promtool", "test", "rules", directory_.File("day.yaml")});
  ASSERT_THAT(tool, IsOk());
  EXPECT_EQ((*tool)->Wait(absl::Minutes(1)), 0) << (*tool)->Output() << (*tool)->ErrorOutput();
  EXPECT_THAT((*tool)->Output(), HasSubstr("SUCCESS"));
}

}  // namespace
}  // namespace logexport
