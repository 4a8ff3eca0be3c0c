// Fires found by walking every second of real time with the rule of schedule.h in hand, knowing
// nothing of how the product finds them.
#ifndef LOGEXPORT_TESTS_SCHEDULE_BRUTE_FORCE_H_
#define LOGEXPORT_TESTS_SCHEDULE_BRUTE_FORCE_H_

#include <vector>

#include "absl/time/time.h"

#include "service/schedule/cron.h"

namespace logexport {

// All fires in [from, to), visiting the instants from, from + step, ... `step` is a second, or a
// minute where the rule allows second 0 only and the zone's offsets are whole minutes. `from` must
// be at least a day away from any clock change before it.
std::vector<absl::Time> BruteForceFires(const CalendarRule& rule, const absl::TimeZone& zone,
                                        absl::Time from, absl::Time to,
                                        absl::Duration step = absl::Seconds(1));

}  // namespace logexport

#endif  // LOGEXPORT_TESTS_SCHEDULE_BRUTE_FORCE_H_
