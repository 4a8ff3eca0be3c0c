#ifndef LOGEXPORT_SERVICE_HTTP_PEER_CLOCK_H_
#define LOGEXPORT_SERVICE_HTTP_PEER_CLOCK_H_

#include <optional>
#include <vector>

#include "absl/time/time.h"

#include "service/base/clock.h"
#include "service/base/mutex.h"
#include "service/http/transport.h"

namespace logexport {

// The clock of the server that answers us: the Date headers of its answers, carried forward on our
// steady clock. A wrong or jumping clock of the host therefore does no harm.
//
// An answer tells the server's time only roughly: its Date names whole seconds, and was written
// somewhere between the request and the arrival of the answer. So each answer gives an earliest and
// a latest time. The clock shows the earliest time that most of the last answers allow: it is a
// little behind the server's, and a single answer with a wrong Date does not move it. Where the
// answers are divided, the earlier time is taken, because what is too young waits and what is taken
// too early may be incomplete. Thread-safe.
class PeerClock {
 public:
  // `clock` must outlive it.
  explicit PeerClock(const Clock& clock) : clock_(clock) {}

  // Learns from an answer that has just arrived and was asked for at `asked` (Clock::Monotonic).
  // Without a readable Date nothing changes.
  void Observe(const HttpResponse& response, absl::Duration asked);

  // The server's time; the host's before the first answer.
  absl::Time Now() const;

  // Whether there was an answer that told the server's time.
  bool Known() const;

  // How far the host's clock is ahead of the server's (negative: behind); zero before the first
  // answer.
  absl::Duration Skew() const;

  // How far the Date of an answer that came since `since` (Clock::Monotonic) was from what most
  // answers said. Zero if they agreed.
  absl::Duration Disagreement(absl::Duration since) const;

 private:
  // What an answer tells of the server's time when our steady clock was at zero.
  struct Sample {
    absl::Time earliest;
    absl::Time latest;
    absl::Duration at;  // when it came, on the steady clock
  };

  void ForgetOldSamples(absl::Duration now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Time BestOrigin() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void NoteDisagreement(absl::Duration now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Clock& clock_;
  mutable Mutex mutex_;
  std::vector<Sample> samples_ ABSL_GUARDED_BY(mutex_);  // the last few, oldest first
  // The server's time when our steady clock was at zero.
  std::optional<absl::Time> origin_ ABSL_GUARDED_BY(mutex_);
  // The largest disagreement of the last hour, and when the answer came.
  absl::Duration disagreement_ ABSL_GUARDED_BY(mutex_);
  absl::Duration disagreed_at_ ABSL_GUARDED_BY(mutex_) = -absl::InfiniteDuration();
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_HTTP_PEER_CLOCK_H_
