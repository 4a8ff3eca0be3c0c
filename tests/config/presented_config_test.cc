#include "service/config/presented_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/config/config_samples.h"

namespace logexport {
namespace {

TEST(MaskSecretsTest, HidesLiteralsAndShowsReferences) {
  v1::ExporterConfig config = CompleteConfig();
  config.mutable_privacy()->set_hash_key("file:/run/key");
  MaskSecrets(&config);
  EXPECT_EQ(config.auth0().client_secret(), "********");
  EXPECT_EQ(config.segment().write_key(), "********");
  EXPECT_EQ(config.privacy().hash_key(), "file:/run/key");
  EXPECT_FALSE(config.has_slack());
}

TEST(PresentedConfigTest, FillsInDefaultsAndHidesLiteralSecrets) {
  v1::ExporterConfig stored = CompleteConfig();
  stored.mutable_segment()->set_write_key("env:SEGMENT_KEY");
  stored.set_start_from("latest");
  const v1::ExporterConfig shown = PresentedConfig(stored);
  EXPECT_EQ(shown.auth0().client_secret(), "********");
  EXPECT_EQ(shown.segment().write_key(), "env:SEGMENT_KEY");
  EXPECT_FALSE(shown.privacy().has_hash_key());
  EXPECT_EQ(shown.auth0().batch_size(), 100);
  EXPECT_EQ(shown.auth0().base_url(), "https://acme.eu.auth0.com");
  EXPECT_FALSE(shown.has_start_from());
}

}  // namespace
}  // namespace logexport
