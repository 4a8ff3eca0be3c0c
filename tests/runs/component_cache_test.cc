#include "service/runs/component_cache.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/runs/no_logs.h"
#include "tests/support/status_matchers.h"

namespace logexport {
namespace {

class EmptyComponents final : public ComponentFactory {
 public:
  absl::StatusOr<std::shared_ptr<ExporterComponents>> Make(const ExporterSettings&) override {
    return std::make_shared<ExporterComponents>();
  }
  std::unique_ptr<EventMapper> MakeMapper(const ExporterSettings&) override { return nullptr; }
};

using Change = std::function<void(ExporterSettings&)>;

// Whether a change of the settings leaves the adapters as they are.
bool Keeps(const Change& change) {
  EmptyComponents factory;
  ComponentCache cache(factory);
  ExporterSettings settings;
  settings.exporter = "acme";
  const auto before = cache.Get(settings);
  EXPECT_THAT(before, IsOk());
  change(settings);
  const auto after = cache.Get(settings);
  EXPECT_THAT(after, IsOk());
  EXPECT_EQ(cache.Find("acme"), *after);
  return *before == *after;
}

TEST(ComponentCacheTest, AChangeOfWhatAdaptersUseMakesNewOnes) {
  const std::vector<Change> changes = {
      [](ExporterSettings& s) { s.auth0.base_url = "https://other"; },
      [](ExporterSettings& s) { s.auth0.audience = "https://other/api/v2/"; },
      [](ExporterSettings& s) { s.auth0.client_id = "other"; },
      [](ExporterSettings& s) { s.auth0.client_secret = "other"; },
      [](ExporterSettings& s) { s.auth0.settle_delay = absl::Seconds(1); },
      [](ExporterSettings& s) { s.auth0.rate_limit_reserve_percent = 50; },
      [](ExporterSettings& s) { s.segment.base_url = "https://other"; },
      [](ExporterSettings& s) { s.segment.write_key = "other"; },
      [](ExporterSettings& s) { s.segment.max_events_per_second = 1; },
      [](ExporterSettings& s) { s.segment.gzip = true; },
      [](ExporterSettings& s) { s.profile.enabled = true; },
      [](ExporterSettings& s) { s.profile.fields = {"email"}; },
      [](ExporterSettings& s) { s.profile.whole = true; },
      [](ExporterSettings& s) { s.profile.cache_ttl = absl::Seconds(1); },
      [](ExporterSettings& s) { s.profile.rate_share_percent = 1; },
  };
  for (std::size_t i = 0; i < changes.size(); ++i) EXPECT_FALSE(Keeps(changes[i])) << i;
}

// The token, the connections and what is known of the rate limit are kept.
TEST(ComponentCacheTest, AChangeOfWhatOnlyARunUsesKeepsTheAdapters) {
  const std::vector<Change> changes = {
      [](ExporterSettings&) {},
      [](ExporterSettings& s) { s.auth0.batch_size = 1; },
      [](ExporterSettings& s) { s.auth0.retention = absl::Hours(48); },
      [](ExporterSettings& s) { s.segment.mapping = MappingKind::kExtension; },
      [](ExporterSettings& s) { s.segment.details = DetailsForm::kOmit; },
      [](ExporterSettings& s) { s.segment.anonymous_id = AnonymousIdSource::kDrop; },
      [](ExporterSettings& s) { s.segment.identify = true; },
      [](ExporterSettings& s) { s.segment.max_in_flight = 1; },
      [](ExporterSettings& s) { s.segment.message_generation = 1; },
      [](ExporterSettings& s) { s.filter.min_level = 3; },
      [](ExporterSettings& s) { s.privacy.standard_preset = true; },
      [](ExporterSettings& s) { s.notifications.slack.send_success = true; },
      [](ExporterSettings& s) { s.run.max_logs = 1; },
  };
  for (std::size_t i = 0; i < changes.size(); ++i) EXPECT_TRUE(Keeps(changes[i])) << i;
}

// Each exporter's tenant is this far behind the host, or has not answered yet.
class TenantsWithClocks final : public ComponentFactory {
 public:
  absl::StatusOr<std::shared_ptr<ExporterComponents>> Make(
      const ExporterSettings& settings) override {
    auto components = std::make_shared<ExporterComponents>();
    components->source = std::make_unique<Source>(skews[settings.exporter]);
    return components;
  }
  std::unique_ptr<EventMapper> MakeMapper(const ExporterSettings&) override { return nullptr; }

  std::map<std::string, std::optional<absl::Duration>> skews;

 private:
  class Source final : public NoLogs {
   public:
    explicit Source(const std::optional<absl::Duration>& skew) : skew_(skew) {}
    bool HasToldTime() override { return skew_.has_value(); }
    absl::Duration ClockSkew() override { return skew_.value_or(absl::ZeroDuration()); }

   private:
    const std::optional<absl::Duration>& skew_;
  };
};

TEST(ComponentCacheTest, ATenantThatHasNotAnsweredSaysNothingOfTheHostsClock) {
  TenantsWithClocks factory;
  ComponentCache cache(factory);
  for (const char* exporter : {"acme", "silent"}) {
    ExporterSettings settings;
    settings.exporter = exporter;
    ASSERT_THAT(cache.Get(settings), IsOk());
  }
  EXPECT_FALSE(cache.HostClockIsChecked());
  EXPECT_EQ(cache.HostClockSkew(), absl::ZeroDuration());
  factory.skews["acme"] = absl::Hours(87'600);
  EXPECT_TRUE(cache.HostClockIsChecked());
  EXPECT_EQ(cache.HostClockSkew(), absl::Hours(87'600));
  // Of several the one that contradicts it least is believed.
  factory.skews["silent"] = absl::Seconds(1);
  EXPECT_EQ(cache.HostClockSkew(), absl::Seconds(1));
}

}  // namespace
}  // namespace logexport
