#ifndef LOGEXPORT_SERVICE_EXPORT_SETTLED_LOG_COLLECTOR_H_
#define LOGEXPORT_SERVICE_EXPORT_SETTLED_LOG_COLLECTOR_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"

#include "service/export/log.h"
#include "service/state/settled_logs.h"

namespace logexport {

// The time a log is remembered under: that of its id, else its date, else none.
std::optional<absl::Time> TimeToRememberBy(const Log& log);

// Gathers the logs that are settled from one commit to the next, as they are to be remembered. Logs
// without an id of Auth0's are not remembered: they cannot be told from one another. One thread.
class SettledLogCollector {
 public:
  // `read_at` is the source's time when the log was read, where known.
  void Add(const Log& log, std::optional<absl::Time> read_at);

  // Takes what was added since the last call, by hour.
  std::vector<SettledLogs> Take();

 private:
  LogHour HourOfLog(const Log& log);

  std::vector<SettledLogs> hours_;
  // The hour of the last id that carries time, as it is written and as it is counted: reading the
  // time of each id anew would cost more than all the rest.
  std::string written_hour_;
  std::int64_t counted_hour_ = 0;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_EXPORT_SETTLED_LOG_COLLECTOR_H_
