// What the state of an exporter shows over the API.
#include <string>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include <gtest/gtest.h>

#include "service/base/status_macros.h"
#include "tests/api/api_server.h"
#include "tests/support/status_matchers.h"

namespace logexport {
namespace {

bool Warns(const v1::GetStatusResponse& status, const std::string& code) {
  for (const v1::Warning& warning : status.warnings()) {
    if (warning.code() == code) return true;
  }
  return false;
}

TEST(ExporterControlTest, SilenceCountsAnewFromTheResume) {
  ApiServer server;
  server.Get<v1::UpdateConfigResponse>("UpdateConfig",
                                       "config { schedule { cron: '0 0 * * * *' } }");
  EXPECT_THAT(server.store().Write([](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(ExporterRecord exporter, tx.GetExporter("default"));
    exporter.last_success = absl::Now() - absl::Hours(48);
    return tx.UpdateExporter(exporter);
  }),
              IsOk());
  EXPECT_TRUE(Warns(server.Get<v1::GetStatusResponse>("GetStatus"), "SILENCE"));
  // Resuming what is not paused is no new start.
  server.Get<v1::ResumeExporterResponse>("ResumeExporter");
  EXPECT_TRUE(Warns(server.Get<v1::GetStatusResponse>("GetStatus"), "SILENCE"));
  server.Get<v1::PauseExporterResponse>("PauseExporter");
  server.Get<v1::ResumeExporterResponse>("ResumeExporter");
  EXPECT_FALSE(Warns(server.Get<v1::GetStatusResponse>("GetStatus"), "SILENCE"));
}

}  // namespace
}  // namespace logexport
