#include "service/http/header_time.h"

#include <optional>

#include "absl/time/time.h"

#include "service/auth0/log_date.h"
#include "service/auth0/rate_budget.h"
#include "service/base/time_text.h"
#include "service/http/transport.h"
#include "tests/fuzz/targets.h"

namespace logexport {

// Times and waits as servers write them into headers, and the dates of logs.
void FuzzHeaderTime(absl::string_view input) {
  const absl::Time now = absl::FromUnixSeconds(1'795'392'000);  // 2026-11-23
  const std::optional<absl::Time> date = ParseHttpDate(input);
  Promise(!date.has_value() || (*date > absl::InfinitePast() && *date < absl::InfiniteFuture()),
          "a date is a point in time");
  const std::optional<absl::Duration> wait = ParseRetryAfter(input, now);
  Promise(!wait.has_value() || *wait >= absl::ZeroDuration(), "nobody is asked to wait backwards");
  Promise(!date.has_value() || wait.has_value(), "a date says how long to wait");

  Promise(ParseLogDate(input) == ParseTimestamp(input),
          "the quick parser reads what the thorough one reads");
  if (const std::optional<absl::Time> time = ParseTimestamp(input)) {
    const std::optional<absl::Time> again = ParseTimestamp(FormatTimestamp(*time));
    // Years of other than four digits are written, but are not RFC 3339.
    const bool four_digits = absl::ToCivilYear(*time, absl::UTCTimeZone()).year() >= 0 &&
                             absl::ToCivilYear(*time, absl::UTCTimeZone()).year() <= 9999;
    Promise(!four_digits ||
                (again.has_value() && *time - *again < absl::Milliseconds(1) && *again <= *time),
            "a time survives being written");
  }

  // All of Auth0's headers about limits at once, and each with sensible others.
  for (const char* broken :
       {"x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset", "Retry-After", ""}) {
    HttpResponse response;
    for (const char* name :
         {"x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset", "Retry-After"}) {
      const bool given = *broken == '\0' || absl::string_view(broken) == name;
      response.headers.push_back({name, given ? std::string(input) : "1795392030"});
    }
    for (const int status : {200, 429}) {
      response.status = status;
      RateLimit limit(10, 50);
      limit.Observe(response, RateLimit::User(RunLane::kMain), now);
      for (const auto lane : {RateLimit::User(RunLane::kMain), RateLimit::User(RunLane::kSide),
                              RateLimit::User(RateLimit::kProfiles)}) {
        Promise(limit.Wait(lane, now) >= absl::ZeroDuration(), "a limit never asks for the past");
      }
      const std::optional<absl::Duration> asked = RateLimit::AskedWait(response, now);
      Promise(!asked.has_value() || *asked >= absl::ZeroDuration(),
              "an answer never asks for the past");
    }
  }
}

}  // namespace logexport
