#include "tests/sandbox/auth0/token_bucket.h"

#include <algorithm>
#include <cmath>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace logexport::sandbox {

absl::StatusOr<RateLimit> ParseRateLimit(absl::string_view text) {
  RateLimit limit;
  if (text == "0" || text == "off") {
    return limit;
  }
  const std::vector<absl::string_view> parts = absl::StrSplit(text, '/');
  if (parts.size() == 2) {
    absl::string_view rate = parts[1];
    const double seconds = absl::ConsumeSuffix(&rate, "m") ? 60 : 1;
    if (absl::SimpleAtoi(parts[0], &limit.burst) && absl::SimpleAtod(rate, &limit.per_second) &&
        limit.burst > 0 && limit.per_second > 0) {
      limit.per_second /= seconds;
      return limit;
    }
  }
  return absl::InvalidArgumentError(
      absl::StrCat("'", text,
                   "' is no rate limit: must be off or like 50/16 (bucket/per second) "
                   "or 10/100m (bucket/per minute)"));
}

bool TokenBucket::Take(absl::Time now) {
  if (!limited()) {
    return true;
  }
  if (refilled_ != absl::InfinitePast() && now > refilled_) {
    tokens_ = std::min(static_cast<double>(limit_.burst),
                       tokens_ + absl::ToDoubleSeconds(now - refilled_) * limit_.per_second);
  }
  refilled_ = now;
  if (tokens_ < 1) {
    return false;
  }
  tokens_ -= 1;
  return true;
}

std::vector<std::pair<std::string, std::string>> TokenBucket::Headers(absl::Time now) const {
  if (!limited()) {
    return {};
  }
  const double whole = std::floor(tokens_);
  const double wait =
      whole >= static_cast<double>(limit_.burst) ? 0 : (whole + 1 - tokens_) / limit_.per_second;
  const double reset = std::ceil(absl::ToDoubleSeconds(now - absl::UnixEpoch()) + wait);
  return {{"x-ratelimit-limit", absl::StrCat(limit_.burst)},
          {"x-ratelimit-remaining", absl::StrCat(static_cast<std::int64_t>(whole))},
          {"x-ratelimit-reset", absl::StrCat(static_cast<std::int64_t>(reset))}};
}

}  // namespace logexport::sandbox
