#include "service/http/peer_clock.h"

#include <algorithm>
#include <cstddef>

#include "service/http/header_time.h"

namespace logexport {
namespace {

// So many answers are remembered. More than half of them must agree to move the clock forward.
constexpr std::size_t kSamples = 7;
// Answers older than this no longer count once there are some younger ones: clocks drift.
constexpr absl::Duration kSampleLife = absl::Minutes(10);
constexpr std::size_t kYoungSamplesWanted = 2;
// A Date names whole seconds, and the machines of one server differ by up to a second.
constexpr absl::Duration kDatePrecision = absl::Seconds(2);
constexpr absl::Duration kDisagreementLife = absl::Hours(1);

}  // namespace

void PeerClock::Observe(const HttpResponse& response, absl::Duration asked) {
  const std::optional<absl::Time> date = ParseHttpDate(response.Header("Date"));
  if (!date) return;
  const absl::Duration now = clock_.Monotonic();
  MutexLock lock(&mutex_);
  samples_.push_back({*date - now, *date + kDatePrecision - std::min(asked, now), now});
  ForgetOldSamples(now);
  origin_ = BestOrigin();
  NoteDisagreement(now);
}

void PeerClock::ForgetOldSamples(absl::Duration now) {
  if (samples_.size() > kSamples) samples_.erase(samples_.begin());
  const auto first_young = std::find_if(samples_.begin(), samples_.end(),
                                        [&](const Sample& s) { return now - s.at <= kSampleLife; });
  if (samples_.end() - first_young >= static_cast<std::ptrdiff_t>(kYoungSamplesWanted)) {
    samples_.erase(samples_.begin(), first_young);
  }
}

// The beginning of the stretch of time that most samples have in common (Marzullo's algorithm, over
// so few samples that counting is quickest). Of several such stretches the earliest.
absl::Time PeerClock::BestOrigin() const {
  absl::Time best = absl::InfiniteFuture();
  std::ptrdiff_t most = 0;
  for (const Sample& candidate : samples_) {
    const absl::Time origin = candidate.earliest;
    const std::ptrdiff_t agreeing =
        std::count_if(samples_.begin(), samples_.end(),
                      [&](const Sample& s) { return s.earliest <= origin && origin <= s.latest; });
    if (agreeing > most || (agreeing == most && origin < best)) {
      best = origin;
      most = agreeing;
    }
  }
  return best;
}

void PeerClock::NoteDisagreement(absl::Duration now) {
  if (now - disagreed_at_ > kDisagreementLife) disagreement_ = absl::ZeroDuration();
  for (const Sample& sample : samples_) {
    const absl::Duration distance = std::max(sample.earliest - *origin_, *origin_ - sample.latest);
    if (distance <= absl::ZeroDuration() || distance < disagreement_) continue;
    disagreement_ = distance;
    disagreed_at_ = sample.at;
  }
}

absl::Time PeerClock::Now() const {
  MutexLock lock(&mutex_);
  return origin_ ? *origin_ + clock_.Monotonic() : clock_.Now();
}

bool PeerClock::Known() const {
  MutexLock lock(&mutex_);
  return origin_.has_value();
}

absl::Duration PeerClock::Skew() const {
  MutexLock lock(&mutex_);
  return origin_ ? clock_.Now() - (*origin_ + clock_.Monotonic()) : absl::ZeroDuration();
}

absl::Duration PeerClock::Disagreement(absl::Duration since) const {
  MutexLock lock(&mutex_);
  return disagreed_at_ >= since ? disagreement_ : absl::ZeroDuration();
}

}  // namespace logexport
