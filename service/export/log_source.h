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
#include "service/export/run_lane.h"
#include "service/state/records.h"

namespace logexport {

struct CallContext {
  std::stop_token stop;
  // Of the run that the call is made for.
  RunLane lane = RunLane::kMain;
  // No call may take longer than until here (Clock::Monotonic).
  absl::Duration deadline = absl::InfiniteDuration();
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

// A walk along the chain of pages, each beginning after the id that the one before ended with. The
// next page is asked for before the current one is decoded, as soon as it is known where it begins;
// destroying the walk breaks that off. One thread at a time; its source must outlive it.
class PageWalk {
 public:
  virtual ~PageWalk() = default;

  // The next page, as of LogSource::ReadAfter. After an error or an empty page the same page is
  // asked for again.
  virtual absl::StatusOr<Page> Next() = 0;
};

// Reads the logs of one tenant in ascending order of id. Errors are Failures (failure.h). Nothing
// is repeated inside, but that a token which Auth0 rejects is renewed once. Thread-safe.
class LogSource {
 public:
  virtual ~LogSource() = default;

  // Turns any start point into one that names a log to read after or at (Position::resolved). For
  // `earliest`, `latest` and times this asks the source. A source that has no log yet gives a
  // position that is not resolved: what is to be asked once it has some.
  virtual absl::StatusOr<Position> Resolve(const Position& position,
                                           const CallContext& context) = 0;

  // Walks along the pages of at most `take` (1–100) logs after `id`.
  virtual std::unique_ptr<PageWalk> Walk(absl::string_view id, int take,
                                         const CallContext& context) = 0;

  // The logs after `id`, at most `take` (1–100), without those younger than the settle delay. A
  // page without logs and without left_out_young means caught up. Reads nothing ahead.
  virtual absl::StatusOr<Page> ReadAfter(absl::string_view id, int take,
                                         const CallContext& context) = 0;

  // The log with this id alone, as a page of one. If the source does not have it, the failure is
  // permanent, with the reason kAuth0LogNotFound.
  virtual absl::StatusOr<Page> ReadOne(absl::string_view id, const CallContext& context) = 0;

  // Decodes logs that were read before: `array` is a JSON array of raw logs. Asks nobody.
  virtual absl::StatusOr<Page> Decode(std::string array) = 0;

  // How long to wait before the next call so that the reserve of the tenant's budget is kept; zero
  // when free to go.
  virtual absl::Duration WaitForBudget(RunLane lane) = 0;

  // The source's own time (its Date header carried forward), or the host's before the first answer.
  virtual absl::Time Now() = 0;
  // Whether there was an answer that told the source's time.
  virtual bool HasToldTime() = 0;
  // How far the host's clock is ahead of the source's; zero before the first answer.
  virtual absl::Duration ClockSkew() = 0;
  // How far the time that an answer told was from what most answers told, at worst since `since`
  // (Clock::Monotonic); zero if they agreed.
  virtual absl::Duration ClockDisagreement(absl::Duration since) = 0;

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
