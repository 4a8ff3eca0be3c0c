#ifndef LOGEXPORT_SERVICE_EXPORT_RUN_MEMORY_H_
#define LOGEXPORT_SERVICE_EXPORT_RUN_MEMORY_H_

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

#include "service/state/records.h"
#include "service/state/settled_logs.h"
#include "service/state/store.h"

namespace logexport {

// What the commits of a run add to the memory of settled logs: each log once, however often it is
// settled, and none that nobody will ask for any more. One thread.
class RunMemory {
 public:
  struct Options {
    bool enabled = true;
    // The greatest age at which logs are read again.
    absl::Duration greatest_age;
    // Where the run began to read, once that is known.
    std::function<std::optional<Position>()> began_at;
  };

  // `store` must outlive it.
  RunMemory(Store& store, Options options);

  // Completes a commit of `run` by what it is to remember of the logs that it settles. `from` is
  // where the checkpoint is before it. Counts the new logs of a window in `run`. After an error,
  // which is the store's, nothing has changed: what is not remembered would be sent again as late.
  absl::Status Complete(const Position& from, std::vector<SettledLogs> settled, RunRecord* run,
                        ProgressCommit* commit);

 private:
  absl::Status Load(const std::string& exporter);

  Store& store_;
  const Options options_;
  bool loaded_ = false;
  std::optional<CompletenessRecord> record_;
};

// Takes out of `settled` what is remembered of the exporter already. Errors are the store's.
absl::Status LeaveOutRemembered(Store& store, const std::string& exporter,
                                std::vector<SettledLogs>* settled);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_EXPORT_RUN_MEMORY_H_
