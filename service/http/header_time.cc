#include "service/http/header_time.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"

namespace logexport {

std::optional<absl::Time> ParseHttpDate(absl::string_view text) {
  absl::Time time;
  if (!absl::ParseTime("%a, %d %b %E4Y %H:%M:%S GMT", absl::StripAsciiWhitespace(text),
                       absl::UTCTimeZone(), &time, nullptr) ||
      time == absl::InfiniteFuture() || time == absl::InfinitePast()) {
    return std::nullopt;
  }
  return time;
}

std::optional<absl::Duration> ParseRetryAfter(absl::string_view text, absl::Time now) {
  double seconds = 0;
  if (absl::SimpleAtod(text, &seconds)) {
    if (!std::isfinite(seconds) || seconds < 0) return std::nullopt;
    return absl::Seconds(seconds);
  }
  const std::optional<absl::Time> time = ParseHttpDate(text);
  if (!time) return std::nullopt;
  return std::max(*time - now, absl::ZeroDuration());
}

}  // namespace logexport
