#ifndef LOGEXPORT_TESTS_SANDBOX_AUTH0_TOKEN_BUCKET_H_
#define LOGEXPORT_TESTS_SANDBOX_AUTH0_TOKEN_BUCKET_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace logexport::sandbox {

// A limit as Auth0's rate limit policy writes it: a bucket of `burst` requests, refilled evenly.
struct RateLimit {
  std::int64_t burst = 0;  // 0: no limit
  double per_second = 0;
};

// Reads "BURST/RATE", RATE a number per second or, with an 'm', per minute: "50/16", "10/100m".
absl::StatusOr<RateLimit> ParseRateLimit(absl::string_view text);

// Not thread-safe.
class TokenBucket {
 public:
  explicit TokenBucket(RateLimit limit)
      : limit_(limit), tokens_(static_cast<double>(limit.burst)) {}

  bool limited() const { return limit_.burst > 0; }
  // Takes one token if there is one. `now` may step back or forth; back refills nothing.
  bool Take(absl::Time now);
  // x-ratelimit-limit, -remaining and -reset: the last in UNIX seconds, the time by which one more
  // token is there (if the bucket is full, now).
  std::vector<std::pair<std::string, std::string>> Headers(absl::Time now) const;

 private:
  RateLimit limit_;
  double tokens_;
  absl::Time refilled_ = absl::InfinitePast();
};

}  // namespace logexport::sandbox

#endif  // LOGEXPORT_TESTS_SANDBOX_AUTH0_TOKEN_BUCKET_H_
