#include "service/config/endpoints.h"

#include "absl/status/status.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace logexport {
namespace {

TEST(EndpointsTest, RegionsAndUrlsBecomeBaseUrls) {
  EXPECT_THAT(SegmentBaseUrl("US"), IsOkAndHolds("https://api.segment.io"));
  EXPECT_THAT(SegmentBaseUrl("eu"), IsOkAndHolds("https://events.eu1.segmentapis.com"));
  EXPECT_THAT(SegmentBaseUrl("https://Rudder.Acme.com:443/"),
              IsOkAndHolds("https://rudder.acme.com"));
  EXPECT_THAT(SegmentBaseUrl("http://127.0.0.1:8080/x//"), IsOkAndHolds("http://127.0.0.1:8080/x"));
  EXPECT_THAT(SegmentBaseUrl("http://127.0.0.1.evil.example"),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(TenantOfAudience("https://Acme.auth0.com/api/v2/"), IsOkAndHolds("acme.auth0.com"));
}

}  // namespace
}  // namespace logexport
