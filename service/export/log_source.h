#ifndef LOGEXPORT_SERVICE_EXPORT_LOG_SOURCE_H_
#define LOGEXPORT_SERVICE_EXPORT_LOG_SOURCE_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "service/export/log.h"
#include "service/state/records.h"

namespace logexport {

// Which run a call is made for: the run that moves the checkpoint goes before the other one when
// the tenant's rate budget is short.
enum class CallPriority { kMain, kSide };

// What a source has begun to read before it was asked for it. Only the source looks inside;
// destroying it breaks the reading off.
class ReadAhead {
 public:
  virtual ~ReadAhead() = default;
};

struct CallContext {
  std::stop_token stop;
  CallPriority priority = CallPriority::kMain;
  // No call may take longer than until here (Clock::Monotonic).
  absl::Duration deadline = absl::InfiniteDuration();
  // Where a walk along the chain of pages keeps what is read ahead for it: with it, ReadAfter asks
  // for the page after as soon as it knows where that begins, before it decodes the one it has.
  // Null: nothing is read ahead.
  std::unique_ptr<ReadAhead>* ahead = nullptr;
};

// Counts of the calls made through one source, ever growing; a run reports the difference.
struct SourceCounters {
  std::int64_t api_calls = 0;
};

struct RateBudget {
  std::int64_t limit = 0;  // 0: nothing known yet
  std::int64_t remaining = 0;
  absl::Time reset;
  absl::Time seen;  // when the source said so, by its clock
};

// One part of what a source needs, and whether it is there.
struct SourceProbe {
  enum class Part { kToken, kLogs, kUsers };
  Part part = Part::kToken;
  absl::Status status;
};

// Reads the logs of one tenant in ascending order of id. Errors are Failures (failure.h); nothing
// is retried inside but one renewal of a token that was refused. Thread-safe.
class LogSource {
 public:
  virtual ~LogSource() = default;

  // Turns any start point into one to read after or at (Position::kAfter or kAt). For `earliest`,
  // `latest` and times this asks the source. A source without any log gives kAfter with an empty id
  // for `earliest`, which ReadAfter takes as "from the very beginning".
  virtual absl::StatusOr<Position> Resolve(const Position& position,
                                           const CallContext& context) = 0;

  // The logs after `id`, at most `take` (1–100), without those younger than the settle delay. A
  // page without logs and without reached_settle_horizon means caught up.
  virtual absl::StatusOr<Page> ReadAfter(absl::string_view id, int take,
                                         const CallContext& context) = 0;

  // The log with this id alone, as a page of one. NOT_FOUND-like failures are refused with reason
  // AUTH0_LOG_NOT_FOUND.
  virtual absl::StatusOr<Page> ReadOne(absl::string_view id, const CallContext& context) = 0;

  // Decodes logs that were read before: `array` is a JSON array of raw logs. Asks nobody.
  virtual absl::StatusOr<Page> Decode(std::string array) = 0;

  // How long to wait before the next call so that the reserve of the tenant's budget is kept; zero
  // when free to go.
  virtual absl::Duration WaitForBudget(CallPriority priority) = 0;

  // The source's own time (its Date header carried forward), or the host's before the first answer.
  virtual absl::Time Now() = 0;
  // How far the host's clock is ahead of the source's; zero before the first answer.
  virtual absl::Duration ClockSkew() = 0;

  virtual SourceCounters counters() = 0;
  virtual RateBudget rate_budget() = 0;

  // Tries the credentials, and with them each right that the settings need, without reading more
  // than one log. In the order of Part; what cannot be tried, or need not be, is absent.
  virtual std::vector<SourceProbe> Probe(const CallContext& context) = 0;
};

// A user's profile as the JSON object Auth0 gave (already cut to the configured fields), or an
// empty text when the user does not exist.
struct Profile {
  std::string json;
};
using Profiles = absl::flat_hash_map<std::string, std::shared_ptr<const Profile>>;

// Looks up the users of a page. Never fails a run: users that could not be had are absent from the
// answer and counted in `missing`. Thread-safe.
class ProfileSource {
 public:
  virtual ~ProfileSource() = default;
  struct Answer {
    Profiles profiles;
    std::int64_t missing = 0;
    absl::Status last_error;
  };
  struct Request {
    absl::string_view user_id;
    // A profile that was read before this does not count as known: it has changed then.
    absl::Time changed = absl::InfinitePast();
  };
  virtual Answer Find(const std::vector<Request>& users, const CallContext& context) = 0;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_EXPORT_LOG_SOURCE_H_
