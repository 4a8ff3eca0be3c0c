#include "service/schedule/cron.h"

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "service/schedule/cron_description.h"
#include "service/schedule/schedule.h"
#include "tests/fuzz/targets.h"

namespace logexport {

// A cron expression, and everything that follows from one that is accepted.
void FuzzCron(absl::string_view input) {
  const absl::StatusOr<CronExpression> expression = ParseCron(input);
  if (!expression.ok()) {
    PromisePrintable(expression.status().message(), "errors can be shown");
    return;
  }
  PromisePrintable(DescribeCron(*expression), "descriptions can be shown");
  Promise(!DescribeCron(*expression).empty(), "what is accepted is described");
  Promise(ParseCron(expression->text).ok(), "what is accepted is accepted again as it is stored");
  // Clocks that change by an hour, by half of one, and not at all.
  for (const char* zone : {"UTC", "America/New_York", "Australia/Lord_Howe"}) {
    ScheduleSpec spec;
    spec.cron = std::string(input);
    spec.time_zone = zone;
    const absl::StatusOr<Schedule> schedule = Schedule::Create(spec);
    Promise(schedule.ok(), "a schedule takes what the parser takes");
    const absl::Time start = absl::FromUnixSeconds(1'711'000'000);  // 2024-03-21
    const absl::Time next = schedule->NextAfter(start);
    Promise(next > start, "the next fire lies ahead");
    Promise(next < absl::InfiniteFuture(), "what is accepted fires one day");
    Promise(schedule->NextAfter(next - absl::Seconds(1)) == next,
            "a fire is the next one a second before it");
    Promise(schedule->LatestIn(start, next) == next, "between is no other fire");
    Promise(schedule->NextAfter(next) > next, "fires ascend");
  }
}

}  // namespace logexport
