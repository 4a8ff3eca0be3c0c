#include "service/auth0/rate_budget.h"

#include <algorithm>

#include "absl/strings/numbers.h"

#include "service/http/header_time.h"

namespace logexport {
namespace {

// The side lane leaves this much of the limit, in percent, for the main one.
constexpr int kSideReservePercent = 20;

// The main lane counts as reading this long after its last call. Every token that comes back in
// that time is for it; after that the side lane may take one.
constexpr absl::Duration kMainIsReading = absl::Seconds(5);

// Completeness uses the last tenth of a limit only, and no more than a tenth of what comes back.
// How fast that is, no answer says. On every plan a limit of n calls fills up within six seconds,
// so that a tenth of what comes back is at least one call in 60/n seconds.
constexpr int kCompletenessPercent = 10;
constexpr absl::Duration kCompletenessPeriod = absl::Seconds(60);

// When a limit is used up and the answer does not say until when.
constexpr absl::Duration kUnknownReset = absl::Seconds(1);

// A reset or wait further away than a day is no limit of Auth0's but a mistake.
constexpr absl::Duration kLongestWait = absl::Hours(24);

// Nor is a limit of more calls than this.
constexpr std::int64_t kLargestLimit = 1'000'000'000;

std::optional<std::int64_t> NumberHeader(const HttpResponse& response, absl::string_view name) {
  std::int64_t value = 0;
  if (!absl::SimpleAtoi(response.Header(name), &value) || value < 0) return std::nullopt;
  return value;
}

// The reset, also of servers and proxies that mean milliseconds, or seconds from now.
std::optional<absl::Time> ResetOf(const HttpResponse& response, absl::Time now) {
  constexpr std::int64_t kYear2001 = 1'000'000'000;
  const std::optional<std::int64_t> value = NumberHeader(response, "x-ratelimit-reset");
  if (!value) return std::nullopt;
  absl::Time reset = absl::FromUnixSeconds(*value);
  if (*value < kYear2001) reset = now + absl::Seconds(*value);
  if (*value >= kYear2001 * 100) reset = absl::FromUnixMillis(*value);
  if (reset - now > kLongestWait) return std::nullopt;
  return reset;
}

}  // namespace

std::optional<absl::Duration> RateLimit::AskedWait(const HttpResponse& response, absl::Time now) {
  const auto wait = ParseRetryAfter(response.Header("Retry-After"), now);
  if (wait && *wait <= kLongestWait) return wait;
  // On an answer that is no refusal, the reset is only the end of the current period.
  if (response.status != 429) return std::nullopt;
  if (const auto reset = ResetOf(response, now)) {
    return std::max(*reset - now, absl::ZeroDuration());
  }
  return std::nullopt;
}

void RateLimit::Observe(const HttpResponse& response, User user, absl::Time now) {
  const std::optional<std::int64_t> limit = NumberHeader(response, "x-ratelimit-limit");
  const std::optional<std::int64_t> remaining = NumberHeader(response, "x-ratelimit-remaining");
  const std::optional<absl::Duration> wait = AskedWait(response, now);

  MutexLock lock(&mutex_);
  answered_ = true;
  if (user == RunLane::kMain) last_main_call_ = now;
  if (user == RunLane::kCompleteness) last_completeness_call_ = now;
  if (limit && *limit > 0 && *limit <= kLargestLimit && remaining) {
    budget_.limit = *limit;
    budget_.remaining = std::min(*remaining, *limit);
    budget_.reset = ResetOf(response, now).value_or(now + kUnknownReset);
    budget_.seen = now;
  }
  if (response.status == 429) {
    blocked_until_ = std::max(blocked_until_, now + wait.value_or(kUnknownReset));
  }
}

std::int64_t RateLimit::Reserve(User user) const {
  const std::int64_t limit = budget_.limit;
  const std::int64_t reserve = limit * reserve_percent_ / 100;
  std::int64_t reserved = reserve;
  if (user == RunLane::kSide) {
    reserved += std::max<std::int64_t>(1, limit * kSideReservePercent / 100);
  } else if (user == RunLane::kCompleteness) {
    reserved = limit - std::max<std::int64_t>(1, limit * kCompletenessPercent / 100);
  } else if (user == kProfiles) {
    const std::int64_t usable = limit - reserve;
    reserved += usable - std::max<std::int64_t>(1, usable * profile_share_percent_ / 100);
  }
  // However small the limit, everybody gets a turn.
  return std::min(reserved, limit - 1);
}

absl::Duration RateLimit::Wait(User user, absl::Time now) const {
  MutexLock lock(&mutex_);
  absl::Time free_at = blocked_until_;
  if (budget_.limit > 0 && budget_.remaining <= Reserve(user)) {
    free_at = std::max(free_at, budget_.reset);
    if (user == RunLane::kSide || user == RunLane::kCompleteness) {
      free_at = std::max(free_at, last_main_call_ + kMainIsReading);
    }
  }
  if (user == RunLane::kCompleteness && budget_.limit > 0) {
    free_at = std::max(free_at, last_completeness_call_ +
                                    kCompletenessPeriod / static_cast<double>(budget_.limit));
  }
  return std::max(free_at - now, absl::ZeroDuration());
}

bool RateLimit::MayJoin(User user, int on_the_way) const {
  if (on_the_way == 0) return true;
  MutexLock lock(&mutex_);
  if (budget_.limit == 0) return answered_;
  return budget_.remaining - on_the_way > Reserve(user);
}

RateBudget RateLimit::budget() const {
  MutexLock lock(&mutex_);
  return budget_;
}

}  // namespace logexport
