#include "service/schedule/schedule.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "service/schedule/cron_description.h"
#include "service/schedule/next_fire.h"
#include "service/schedule/time_zone.h"

namespace logexport {
namespace {

constexpr absl::Duration kMaxJitter = absl::Hours(24);
constexpr absl::Time kLastInstant = absl::FromUnixSeconds(253402300799);  // end of the year 9999

}  // namespace

absl::StatusOr<Schedule> Schedule::Create(const ScheduleSpec& spec) {
  std::vector<std::string> problems;
  absl::StatusOr<CronExpression> expression = ParseCron(spec.cron);
  if (!expression.ok()) {
    problems.push_back(absl::StrCat("cron: ", expression.status().message()));
  }
  absl::StatusOr<absl::TimeZone> zone = LoadZone(spec.time_zone);
  if (!zone.ok()) {
    problems.push_back(absl::StrCat("time_zone: ", zone.status().message()));
  }
  if (spec.jitter < absl::ZeroDuration() || spec.jitter > kMaxJitter) {
    problems.push_back(absl::StrCat("jitter: ", absl::FormatDuration(spec.jitter),
                                    " is out of range; allowed: 0s to ",
                                    absl::FormatDuration(kMaxJitter)));
  }
  if (!problems.empty()) return absl::InvalidArgumentError(absl::StrJoin(problems, "; "));
  return Schedule(spec, *std::move(expression), *zone);
}

Schedule::Schedule(ScheduleSpec spec, CronExpression expression, absl::TimeZone zone)
    : spec_(std::move(spec)), expression_(std::move(expression)), zone_(zone) {}

absl::Time Schedule::NextAfter(absl::Time t) const { return NextFire(expression_, zone_, t); }

std::vector<absl::Time> Schedule::Next(absl::Time t, int n) const {
  std::vector<absl::Time> fires;
  for (int i = 0; i < n; ++i) {
    t = NextAfter(t);
    if (t == absl::InfiniteFuture()) break;
    fires.push_back(t);
  }
  return fires;
}

std::optional<absl::Time> Schedule::LatestIn(absl::Time after, absl::Time until) const {
  until = std::min(until, kLastInstant);
  absl::Time low = NextAfter(after);
  if (low > until) return std::nullopt;
  // "Is there a fire in (t, until]?" is true before the one looked for and false from it on. `low`
  // is a fire throughout, and there is none in (high, until].
  absl::Time high = until;
  while (high - low >= absl::Seconds(1)) {
    const absl::Time middle = low + (high - low) / 2;
    const absl::Time next = NextAfter(middle);
    if (next <= until) {
      low = next;
    } else {
      high = middle;
    }
  }
  return low;
}

absl::Duration Schedule::PeriodAt(absl::Time t) const {
  const std::vector<absl::Time> fires = Next(t, 2);
  return fires.size() == 2 ? fires[1] - fires[0] : absl::InfiniteDuration();
}

std::string Schedule::Describe() const {
  std::string text = DescribeCron(expression_);
  if (std::holds_alternative<CalendarRule>(expression_.rule)) {
    absl::StrAppend(&text, ", ", zone_.name());
  }
  if (spec_.jitter > absl::ZeroDuration()) {
    absl::StrAppend(&text, ", started up to ", absl::FormatDuration(spec_.jitter), " later");
  }
  return text;
}

}  // namespace logexport
