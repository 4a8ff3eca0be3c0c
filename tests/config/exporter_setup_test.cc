#include "service/config/exporter_setup.h"

#include <memory>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/config/serialization.h"
#include "service/state/engines/open_store.h"
#include "tests/config/config_samples.h"
#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_directory.h"

namespace logexport {
namespace {

class ExporterSetupTest : public ::testing::Test {
 protected:
  ExporterSetupTest() {
    StoreOptions options;
    options.url = "sqlite:" + directory_.File("state.db");
    absl::StatusOr<std::unique_ptr<Store>> store = OpenStore(options, clock_);
    EXPECT_THAT(store, IsOk());
    store_ = *std::move(store);
  }

  // What a start with --config-wins and these settings does.
  void Start(const std::string& further_settings) {
    StartupSources sources;
    sources.has_file = true;
    sources.config_wins = true;
    PartialConfig source;
    source.exporter = "acme";
    source.config = CompleteConfig();
    source.config.MergeFrom(Config(further_settings));
    sources.file.exporters.push_back(source);
    const SecretResolver secrets(Environment({}));
    const auto known = [](absl::string_view) { return true; };
    const std::vector<LogType> no_types;
    const auto plan = SetUpExporters(*store_, sources, {known, known, no_types, secrets}, clock_);
    ASSERT_THAT(plan, IsOk());
    EXPECT_THAT(Texts(plan->violations), ::testing::IsEmpty());
  }

  ExporterRecord Exporter() {
    ExporterRecord record;
    EXPECT_THAT(store_->Read([&](Transaction& tx) -> absl::Status {
      absl::StatusOr<ExporterRecord> found = tx.GetExporter("acme");
      if (found.ok()) record = *std::move(found);
      return found.status();
    }),
                IsOk());
    return record;
  }
  void Change(const std::function<void(ExporterRecord&)>& change) {
    ExporterRecord record = Exporter();
    change(record);
    EXPECT_THAT(store_->Write([&](Transaction& tx) { return tx.UpdateExporter(record); }), IsOk());
  }

  TempDirectory directory_;
  FakeClock clock_;
  std::unique_ptr<Store> store_;
};

// As update-config does it: a new schedule is not blamed for fires that it never had.
TEST_F(ExporterSetupTest, AScheduleReplacedAtStartCountsFromNow) {
  Start("schedule { cron: '@hourly' }");
  const absl::Time last = clock_.Now();
  Change([&](ExporterRecord& exporter) { exporter.last_fire = last; });
  clock_.Advance(absl::Minutes(30));
  Start("schedule { cron: '@hourly' }");
  EXPECT_EQ(Exporter().last_fire, last);
  Start("schedule { cron: '@every 5s' }");
  EXPECT_EQ(Exporter().last_fire, clock_.Now());
}

TEST_F(ExporterSetupTest, AnotherReceiverOfMessagesIsNotBlamedForTheFirst) {
  Start("slack { webhook: 'https://hooks.slack.com/services/T00/B00/a' }");
  Change([&](ExporterRecord& exporter) {
    exporter.slack_failing_since = clock_.Now();
    exporter.slack_failure = "404";
  });
  Start("slack { webhook: 'https://hooks.slack.com/services/T00/B00/b' }");
  EXPECT_EQ(Exporter().slack_failing_since, std::nullopt);
  EXPECT_EQ(Exporter().slack_failure, "");
}

// Settings of where events go make message ids of their own; others leave them.
TEST_F(ExporterSetupTest, OnlyAnotherDestinationChangesTheMessageNamespace) {
  Start("");
  const std::string before = Exporter().message_namespace;
  Start("schedule { cron: '@hourly' }");
  EXPECT_EQ(Exporter().message_namespace, before);
  Start("segment { endpoint: 'US' }");
  EXPECT_NE(Exporter().message_namespace, before);
}

}  // namespace
}  // namespace logexport
