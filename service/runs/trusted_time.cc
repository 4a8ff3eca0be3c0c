#include "service/runs/trusted_time.h"

namespace logexport {
namespace {

constexpr absl::Duration kTolerableSkew = absl::Seconds(5);

}  // namespace

absl::Time TrustedNow(Clock& clock, ComponentCache& components) {
  const absl::Duration skew = components.HostClockSkew(kTolerableSkew);
  const absl::Time now = clock.Now();
  return absl::AbsDuration(skew) > kTolerableSkew ? now - skew : now;
}

}  // namespace logexport
