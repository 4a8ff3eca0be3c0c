// When a cron expression fires next. The rule for clock changes is in schedule.h.
#ifndef LOGEXPORT_SERVICE_SCHEDULE_NEXT_FIRE_H_
#define LOGEXPORT_SERVICE_SCHEDULE_NEXT_FIRE_H_

#include "absl/time/time.h"

#include "service/schedule/cron.h"

namespace logexport {

// The first fire strictly after `after`, a whole second; InfiniteFuture if there is none before the
// year 9999 ends, the last one an RFC 3339 or protobuf timestamp can express. Times before the year
// 1 count as its start. Costs a few microseconds at most, also for rules that fire once in decades.
absl::Time NextFire(const CronExpression& expression, const absl::TimeZone& zone, absl::Time after);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_SCHEDULE_NEXT_FIRE_H_
