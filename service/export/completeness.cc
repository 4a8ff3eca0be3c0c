#include "service/export/completeness.h"

#include <algorithm>

#include "service/export/log.h"

namespace logexport {
namespace {

// Of what Auth0 keeps, the part in which a stretch is read again at the latest.
constexpr double kPartOfRetention = 0.9;
constexpr absl::Duration kLongestWait = absl::Hours(1);
// So many percent of a page have to be there for certain before it is read: how many logs a piece
// of the memory has in a part of its time is an estimate.
constexpr double kSurelyFull = 1.05;

bool ReadAtThatAge(const RememberedStretch& stretch, absl::Duration age) {
  return stretch.age >= age;
}

// How many of its logs lie between two times, if they are spread evenly.
double LogsBetween(const RememberedStretch& stretch, absl::Time from, absl::Time to) {
  if (from <= stretch.first && stretch.last <= to) return static_cast<double>(stretch.logs);
  const absl::Duration whole = stretch.last - stretch.first;
  const absl::Duration part = std::min(stretch.last, to) - std::max(stretch.first, from);
  if (whole <= absl::ZeroDuration() || part <= absl::ZeroDuration()) return 0;
  return static_cast<double>(stretch.logs) * absl::FDivDuration(part, whole);
}

}  // namespace

std::vector<absl::Duration> AgesToReadAgain(const CompletenessSettings& settings,
                                            absl::Duration retention) {
  std::vector<absl::Duration> ages;
  if (!settings.enabled) return ages;
  for (absl::Duration age : settings.ages) {
    if (retention > absl::ZeroDuration()) age = std::min(age, retention * kPartOfRetention);
    ages.push_back(age);
  }
  std::sort(ages.begin(), ages.end());
  ages.erase(std::unique(ages.begin(), ages.end()), ages.end());
  return ages;
}

absl::Duration WaitForFullPage(absl::Duration age, absl::Duration retention) {
  const absl::Duration wait = std::min(age / 2, kLongestWait);
  if (retention <= absl::ZeroDuration()) return wait;
  return std::clamp((retention - age) / 2, absl::ZeroDuration(), wait);
}

bool IdsTellAge(const Position& checkpoint) {
  return checkpoint.kind == Position::Kind::kAfter && TimeOfLogId(checkpoint.id).has_value();
}

std::vector<CompletenessPass> PassesFor(const std::vector<absl::Duration>& ages,
                                        const std::vector<CompletenessPass>& stored,
                                        const CompletenessView& view) {
  std::vector<CompletenessPass> passes;
  std::string older = view.floor;
  for (auto age = ages.rbegin(); age != ages.rend(); ++age) {
    const auto known = std::find_if(stored.begin(), stored.end(),
                                    [&](const CompletenessPass& pass) { return pass.age == *age; });
    std::string read_up_to = view.floor;
    if (known != stored.end()) {
      read_up_to = known->read_up_to;
    } else if (!stored.empty()) {
      read_up_to = SyntheticLogId(view.now - *age);
    }
    older = std::max(older, read_up_to);
    passes.push_back({*age, older});
  }
  std::reverse(passes.begin(), passes.end());
  return passes;
}

StretchDecision DecideStretch(const CompletenessPass& pass, const CompletenessView& view,
                              const std::vector<RememberedStretch>& remembered) {
  StretchDecision decision;
  decision.read_up_to = std::max(pass.read_up_to, view.floor);
  if (!IdsTellAge(view.checkpoint)) return decision;

  const absl::Time horizon = view.now - pass.age;
  // Logs behind the checkpoint are still to be exported by a run that moves it.
  std::string until = std::min(SyntheticLogId(horizon), view.checkpoint.id);
  if (decision.read_up_to >= until) return decision;
  const absl::Time end = std::min(horizon, *TimeOfLogId(view.checkpoint.id));
  // Before ids that carry time there may be others, and the very beginning.
  absl::Time begin = TimeOfLogId(decision.read_up_to).value_or(absl::InfinitePast());

  const auto first_needed =
      std::find_if(remembered.begin(), remembered.end(), [&](const RememberedStretch& stretch) {
        return stretch.last >= begin && stretch.first <= end && !ReadAtThatAge(stretch, pass.age);
      });
  // What was read late enough when it was first read is done. What lies between two such pieces was
  // read with the younger one.
  absl::Time done = absl::InfinitePast();
  for (const RememberedStretch& stretch : remembered) {
    const bool before_needed =
        first_needed == remembered.end() || stretch.last < first_needed->first;
    if (ReadAtThatAge(stretch, pass.age) && before_needed && stretch.last <= end) {
      done = std::max(done, stretch.last);
    }
  }
  if (done > begin) {
    decision.read_up_to =
        done + absl::Seconds(1) > end ? until : std::max(decision.read_up_to, SyntheticLogId(done));
    if (decision.read_up_to >= until) return decision;
    begin = done;
  }

  double logs = 0;
  absl::Time needed_until = begin;
  bool closed = false;
  for (auto stretch = first_needed; stretch != remembered.end() && stretch->first <= end;
       ++stretch) {
    if (!ReadAtThatAge(*stretch, pass.age)) {
      logs += LogsBetween(*stretch, begin, end);
      needed_until = std::max(needed_until, stretch->last);
    } else if (stretch->first > needed_until) {
      // No further logs join this stretch: the next ones were read at this age already.
      closed = true;
      until = std::min(until, SyntheticLogId(stretch->first));
      break;
    }
  }
  // Where the beginning has no time, the first log that is remembered tells how long they wait.
  absl::Time waiting_since = begin;
  if (begin == absl::InfinitePast()) {
    waiting_since = first_needed == remembered.end() ? horizon : first_needed->first;
  }
  if (closed || logs >= view.page * kSurelyFull ||
      horizon - waiting_since >= WaitForFullPage(pass.age, view.retention)) {
    decision.due = StretchToRead{pass.age, decision.read_up_to, until};
  }
  return decision;
}

std::optional<absl::Time> ConfirmedUntil(const std::vector<CompletenessPass>& passes,
                                         const CompletenessView& view, absl::Time exported_until) {
  if (passes.empty() || !IdsTellAge(view.checkpoint)) return std::nullopt;
  absl::Time confirmed = exported_until;
  for (const CompletenessPass& pass : passes) {
    std::optional<absl::Time> reached = TimeOfLogId(pass.read_up_to);
    if (pass.read_up_to >= view.checkpoint.id) {
      // Nothing was exported since, so nothing can be missing there.
      reached = std::max(reached.value_or(absl::InfinitePast()), view.now - pass.age);
    }
    if (!reached.has_value()) return std::nullopt;
    confirmed = std::min(confirmed, *reached);
  }
  return confirmed;
}

}  // namespace logexport
