#include "service/schedule/due.h"

#include <algorithm>

namespace logexport {
namespace {

// FNV-1a, finished with the mixer of SplitMix64. absl::Hash would not do: it is seeded anew in
// every process, and the offset has to survive a restart.
std::uint64_t StableHash(absl::string_view text, std::uint64_t number) {
  std::uint64_t hash = 0xcbf29ce484222325;
  const auto add = [&hash](unsigned char byte) {
    hash ^= byte;
    hash *= 0x100000001b3;
  };
  for (const char c : text) add(static_cast<unsigned char>(c));
  for (int shift = 0; shift < 64; shift += 8) add(static_cast<unsigned char>(number >> shift));
  hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9;
  hash = (hash ^ (hash >> 27)) * 0x94d049bb133111eb;
  return hash ^ (hash >> 31);
}

// The fires in (after, last], where `last` is a fire.
FireSpan SpanUpTo(const Schedule& schedule, absl::Time after, absl::Time last) {
  FireSpan span;
  span.first = schedule.NextAfter(after);
  span.last = last;
  for (absl::Time fire = span.first; fire <= last; fire = schedule.NextAfter(fire)) {
    if (span.count == kMaxCountedFires) {
      span.count_is_lower_bound = true;
      break;
    }
    ++span.count;
  }
  return span;
}

// The newest fire after `after` whose start time has come.
std::optional<absl::Time> NewestStarted(const Schedule& schedule, absl::string_view exporter_id,
                                        absl::Time after, absl::Time now) {
  std::optional<absl::Time> fire = schedule.LatestIn(after, now);
  if (fire && StartTime(schedule, exporter_id, *fire) > now) {
    // Still waiting for its jitter. The one before has started: its jitter ends before this fire.
    fire = schedule.LatestIn(after, *fire - absl::Seconds(1));
  }
  return fire;
}

}  // namespace

absl::Duration JitterOffset(absl::string_view exporter_id, absl::Time fire, absl::Duration jitter) {
  const std::int64_t range = absl::ToInt64Milliseconds(jitter);
  if (range <= 0) return absl::ZeroDuration();
  const std::uint64_t hash =
      StableHash(exporter_id, static_cast<std::uint64_t>(absl::ToUnixSeconds(fire)));
  return absl::Milliseconds(static_cast<std::int64_t>(hash % static_cast<std::uint64_t>(range)));
}

absl::Time StartTime(const Schedule& schedule, absl::string_view exporter_id, absl::Time fire) {
  if (fire == absl::InfiniteFuture()) return fire;
  absl::Duration jitter = schedule.spec().jitter;
  if (jitter > absl::ZeroDuration()) jitter = std::min(jitter, schedule.NextAfter(fire) - fire);
  return fire + JitterOffset(exporter_id, fire, jitter);
}

DueDecision DecideDue(const Schedule& schedule, absl::string_view exporter_id,
                      const DueState& state) {
  DueDecision decision;
  decision.handled_until = state.handled_until.value_or(state.now);
  if (decision.handled_until > state.now + kClockStepLimit) {
    decision.clock_went_back = true;
    decision.handled_until = state.now;
  }
  const absl::Time after = decision.handled_until;
  if (const std::optional<absl::Time> newest =
          NewestStarted(schedule, exporter_id, after, state.now)) {
    decision.handled_until = *newest;
    const absl::Duration lateness = state.now - StartTime(schedule, exporter_id, *newest);
    const bool late = lateness > kOnTimeLimit;
    if (state.paused) {
      decision.paused = SpanUpTo(schedule, after, *newest);
    } else if (late && !schedule.spec().catch_up) {
      decision.missed = SpanUpTo(schedule, after, *newest);
    } else {
      decision.run = ScheduledRun{.fire = *newest, .late = late};
      const std::optional<absl::Time> before = schedule.LatestIn(after, *newest - absl::Seconds(1));
      if (before) decision.missed = SpanUpTo(schedule, after, *before);
    }
  }
  decision.wake = StartTime(schedule, exporter_id, schedule.NextAfter(decision.handled_until));
  return decision;
}

}  // namespace logexport
