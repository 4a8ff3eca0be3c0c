// When an exporter's scheduled runs fire.
//
// A schedule is a cron expression read in a time zone. What happens where that zone's clocks change
// (daylight saving, or a country moving over the date line) follows Vixie cron, because that is
// what operators already know, and because each half does what its users mean:
//
//   Fixed hours (`0 2 * * *`, `0 9-17 * * *`): the job belongs to a time of day, so it runs once
//   for each day and time, whatever the clocks do.
//     - A fire inside hours that are skipped happens at the first instant after them; several such
//       fires become one.
//     - A fire inside hours that are repeated happens in the first pass only.
//   Interval-like (the hour field starts with `*`: `*/5 * * * *`, `0 */2 * * *`): the job keeps a
//   rhythm, so it goes on ticking.
//     - Skipped hours hold no fires: the next one is the next that the new time allows.
//     - Repeated hours fire in both passes; a pause of an extra hour would look like an outage.
//   `@every`: counts seconds since the UNIX epoch and knows no clock changes.
//
// Fires are whole seconds. Jitter is not part of them: it moves the start of a run, not the name of
// the fire it answers to (see due.h).
#ifndef LOGEXPORT_SERVICE_SCHEDULE_SCHEDULE_H_
#define LOGEXPORT_SERVICE_SCHEDULE_SCHEDULE_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "service/schedule/cron.h"

namespace logexport {

struct ScheduleSpec {
  std::string cron = "0 */5 * * * *";  // see cron.h
  std::string time_zone = "UTC";       // IANA name such as Europe/Berlin; empty is UTC
  // Starts are spread over [0, jitter) after the fire, so that many exporters on one schedule do
  // not call Auth0 and Segment at the same instant. 0 to 24 h; the distance to the next fire caps
  // it.
  absl::Duration jitter = absl::ZeroDuration();
  // After an outage: true runs once for all fires that were missed, false waits for the next fire.
  bool catch_up = true;
};

// Immutable, cheap to copy, safe to share between threads.
class Schedule {
 public:
  // InvalidArgument names every field that is wrong, separated by "; ". The time zone must be known
  // to this machine's zone database.
  static absl::StatusOr<Schedule> Create(const ScheduleSpec& spec);

  // The first fire strictly after `t`; InfiniteFuture if there is none before the year 10000.
  absl::Time NextAfter(absl::Time t) const;

  // The next `n` fires after `t`; fewer only at the end of time.
  std::vector<absl::Time> Next(absl::Time t, int n) const;

  // The latest fire in (after, until]. Takes some thirty evaluations however many fires lie
  // between.
  std::optional<absl::Time> LatestIn(absl::Time after, absl::Time until) const;

  // The distance between the next two fires after `t`: how long silence is normal. InfiniteDuration
  // if there are no two.
  absl::Duration PeriodAt(absl::Time t) const;

  // For people: "every 5 minutes, at second 0, UTC".
  std::string Describe() const;

  const ScheduleSpec& spec() const { return spec_; }
  const absl::TimeZone& time_zone() const { return zone_; }

 private:
  Schedule(ScheduleSpec spec, CronExpression expression, absl::TimeZone zone);

  ScheduleSpec spec_;
  CronExpression expression_;
  absl::TimeZone zone_;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_SCHEDULE_SCHEDULE_H_
