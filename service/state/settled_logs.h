#ifndef LOGEXPORT_SERVICE_STATE_SETTLED_LOGS_H_
#define LOGEXPORT_SERVICE_STATE_SETTLED_LOGS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace logexport {

// The memory of settled logs. It tells a log that became visible late from one that was exported
// before. A log is remembered as a 64-bit hash of its id, filed by the hour of its time, in pieces
// of some hundreds. A piece takes less than 10 bytes a log.

using LogIdHash = std::uint64_t;

// The same on every machine and in every version: hashes are stored.
LogIdHash HashOfLogId(absl::string_view id);

// The hour (since 1970) and the second within it that a log is filed under. What is before 1970, or
// has no time at all, is filed under the first second of 1970.
struct LogHour {
  std::int64_t hour = 0;
  int second = 0;
};
LogHour HourOf(std::optional<absl::Time> time);

// Logs of one hour that a commit settles for the first time.
struct SettledLogs {
  struct Entry {
    LogIdHash id = 0;
    int second = 0;
  };
  std::int64_t hour = 0;
  // The least age that one of them had when it was read.
  absl::Duration age;
  std::vector<Entry> logs;
};

// A piece of the memory, without its hashes.
struct RememberedStretch {
  absl::Time first;    // of its logs, to the second
  absl::Time last;     // likewise
  absl::Duration age;  // the least that one of its logs had when it was read
  std::int64_t logs = 0;
};

// How far logs were read again at one age.
struct CompletenessPass {
  absl::Duration age;
  // Every log up to this id was read when it was this old, or older.
  std::string read_up_to;
  friend bool operator==(const CompletenessPass&, const CompletenessPass&) = default;
};

// What is known of an exporter's completeness.
struct CompletenessRecord {
  // Logs at or below this id are never late: nothing is remembered there, or an operator skipped
  // them.
  std::string floor;
  // The highest id that the checkpoint has reached. Logs above it were never settled.
  std::string reached;
  absl::Time since;  // when remembering began, by the host's clock
  std::int64_t late_logs = 0;
  std::optional<absl::Time> last_late;   // when a run last found late logs, by the host's clock
  std::vector<CompletenessPass> passes;  // by age
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_STATE_SETTLED_LOGS_H_
