#ifndef LOGEXPORT_SERVICE_EXPORT_EVENT_SINK_H_
#define LOGEXPORT_SERVICE_EXPORT_EVENT_SINK_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "service/export/log.h"
#include "service/export/log_source.h"

namespace logexport {

// What became of a log when it was mapped.
struct MapResult {
  enum class Kind {
    kMapped,    // one or more events were appended
    kFiltered,  // nothing to send; `reason` is counted
    kRejected,  // can never be accepted; becomes a dead letter with `reason` and `message`
  };
  Kind kind = Kind::kMapped;
  absl::string_view reason;  // static text: "NO_USER", "EVENT_TOO_LARGE", …
  std::string message;
  int events = 0;
  // An event had to be shortened to fit.
  bool truncated = false;
};

// Turns a log into the events it becomes. Deterministic: the same log, profile and configuration
// give the same bytes. One thread at a time; the first two calls may go on beside the third.
class EventMapper {
 public:
  virtual ~EventMapper() = default;
  // Whether Map wants the profile of the log's user.
  virtual bool WantsProfile(const Log& log) const = 0;
  // Whether the log tells that the profile of its user has changed.
  virtual bool TellsOfChange(const Log& log) const = 0;
  // Appends the log's events to `out`, each a complete JSON object, separated by single commas,
  // with no comma before the first or after the last. `profile` may be null. Appends nothing unless
  // the answer is kMapped. `event_sizes` gets the length of each event.
  virtual MapResult Map(const Log& log, const Profile* profile, std::string* out,
                        std::vector<std::uint32_t>* event_sizes) = 0;
};

// Limits of one request, in bytes of the encoded events with their commas, and in events.
struct BatchLimits {
  std::size_t max_events = 2500;
  std::size_t max_bytes = 475'000;
};

// Delivers encoded events. Thread-safe: several batches are in flight at a time.
class EventSink {
 public:
  virtual ~EventSink() = default;
  virtual BatchLimits limits() const = 0;

  // Makes one attempt to deliver `events`: `count` comma-separated JSON objects. Waits first for
  // the sink's own rate limit, if it has one. OK means the sink said it accepted them all.
  // Otherwise a Failure whose reason tells the pipeline what to do:
  //   SEGMENT_REFUSED_BATCH  (kPermanent) a 400: something in the batch is unacceptable → bisect
  //   SEGMENT_TOO_LARGE      (kPermanent) a 413 → split; alone → Shorten
  //   others by their FailureClass.
  // `attempt` counts from 0 for the same events.
  virtual absl::Status Send(absl::string_view events, std::int64_t count, int attempt,
                            const CallContext& context) = 0;

  // The same events in at most `max_bytes`, those that lost something marked as truncated. Nothing
  // if that is not possible. Deterministic.
  virtual std::optional<std::string> Shorten(absl::string_view events,
                                             std::size_t max_bytes) const = 0;

  // Checks that the endpoint answers, without sending an event.
  virtual absl::Status Probe(const CallContext& context) = 0;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_EXPORT_EVENT_SINK_H_
