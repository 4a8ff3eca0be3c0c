// One field of a cron expression: `*/5`, `MON-FRI`, `1,15,30-40/2`.
#ifndef LOGEXPORT_SERVICE_SCHEDULE_CRON_FIELD_H_
#define LOGEXPORT_SERVICE_SCHEDULE_CRON_FIELD_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace logexport {

enum class CronFieldKind { kSecond, kMinute, kHour, kDayOfMonth, kMonth, kDayOfWeek };

// "second", "day of month"; for messages.
absl::string_view CronFieldName(CronFieldKind kind);

struct CronField {
  std::uint64_t values = 0;  // bit n: the value n is allowed; a weekday written as 7 sets bit 0
  bool starts_with_star = false;  // also true for `?`
};

// `column` is where `text` starts in the whole expression, from 1, for the messages.
absl::StatusOr<CronField> ParseCronField(CronFieldKind kind, absl::string_view text,
                                         std::size_t column);

// `text` made safe to show: control characters and invalid bytes escaped, long texts cut.
std::string QuoteForError(absl::string_view text);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_SCHEDULE_CRON_FIELD_H_
