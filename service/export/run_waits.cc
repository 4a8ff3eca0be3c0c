#include "service/export/run_waits.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace logexport {
namespace {

// A wait for a rate limit that takes so long is told as a warning.
constexpr absl::Duration kLastingLimit = absl::Seconds(30);

absl::string_view ServiceName(Origin target) {
  switch (target) {
    case Origin::kAuth0:
      return "Auth0";
    case Origin::kSegment:
      return "Segment";
    case Origin::kState:
      return "the store";
    case Origin::kInternal:
    case Origin::kUnspecified:
      break;
  }
  return "the service itself";
}

}  // namespace

std::vector<RunWait> RunWaits::Now() const {
  MutexLock lock(&mutex_);
  std::vector<RunWait> waits;
  waits.reserve(entries_.size());
  for (const auto& [target, entry] : entries_) waits.push_back(entry.wait);
  return waits;
}

RunWait RunWaits::Update(Origin target, bool joins, absl::Duration delay, bool rate_limited,
                         const Failure* failure) {
  const absl::Time now = clock_.Now();
  MutexLock lock(&mutex_);
  const auto [it, added] = entries_.try_emplace(target);
  Entry& entry = it->second;
  RunWait& wait = entry.wait;
  if (added) {
    wait.target = target;
    wait.since = now;
  }
  if (joins) ++entry.calls;
  wait.next_attempt = now + delay;
  wait.rate_limited = rate_limited;
  if (failure != nullptr) {
    ++wait.failed_attempts;
    wait.last_error = RunErrorOf(MakeFailure(*failure));
  }
  return wait;
}

void RunWaits::Leave(Origin target, bool succeeded) {
  RunWait wait;
  {
    MutexLock lock(&mutex_);
    const auto it = entries_.find(target);
    if (it == entries_.end() || --it->second.calls > 0) return;
    wait = std::move(it->second.wait);
    entries_.erase(it);
  }
  if (succeeded && wait.failed_attempts > 0 && observer_ != nullptr) observer_->Recovered(wait);
}

void RunWaits::TellIfLimitLasts(const RunWait& wait) {
  if (!wait.rate_limited || wait.next_attempt - wait.since < kLastingLimit) return;
  {
    MutexLock lock(&mutex_);
    if (!told_.insert(wait.target).second) return;
  }
  account_.Warn(
      "RATE_LIMITED",
      absl::StrCat("a rate limit of ", ServiceName(wait.target),
                   " makes the run wait for more than ", absl::FormatDuration(kLastingLimit),
                   wait.last_error.has_value() ? ": " : "",
                   wait.last_error.has_value() ? wait.last_error->message : ""));
  if (observer_ != nullptr) observer_->LimitLasts(wait);
}

void RunWaits::Attempts::Failed(const Failure& failure, absl::Duration delay) {
  if (waits_ == nullptr) return;
  // The attempts of one call can fail for different services, such as the token's and the store's.
  if (target_.has_value() && *target_ != failure.origin) End(/*succeeded=*/false);
  const bool joins = !target_.has_value();
  target_ = failure.origin;
  const RunWait wait = waits_->Update(failure.origin, joins, delay,
                                      failure.kind == FailureClass::kLimited, &failure);
  if (wait.failed_attempts == 1 && waits_->observer_ != nullptr) {
    waits_->observer_->AttemptFailed(wait);
  }
  waits_->TellIfLimitLasts(wait);
}

void RunWaits::Attempts::KeepsToLimit(Origin target, absl::Duration delay) {
  if (waits_ == nullptr) return;
  const bool joins = !target_.has_value();
  target_ = target;
  waits_->TellIfLimitLasts(
      waits_->Update(target, joins, delay, /*rate_limited=*/true, /*failure=*/nullptr));
}

void RunWaits::Attempts::End(bool succeeded) {
  if (!target_.has_value()) return;
  waits_->Leave(*std::exchange(target_, std::nullopt), succeeded);
}

}  // namespace logexport
