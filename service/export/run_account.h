#ifndef LOGEXPORT_SERVICE_EXPORT_RUN_ACCOUNT_H_
#define LOGEXPORT_SERVICE_EXPORT_RUN_ACCOUNT_H_

#include <atomic>
#include <cstdint>
#include <map>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"

#include "service/base/mutex.h"
#include "service/state/records.h"

namespace logexport {

// What the stages of a run count beside its ledger. Thread-safe.
class RunAccount {
 public:
  std::atomic<std::int64_t> pages{0};          // of logs that were read
  std::atomic<std::int64_t> batches{0};        // accepted
  std::atomic<std::int64_t> bytes_sent{0};     // with each attempt
  std::atomic<std::int64_t> segment_calls{0};  // attempts

  // Adds to the warning of that code; the first message stays.
  void Warn(absl::string_view code, absl::string_view message, std::int64_t count = 1);

  // An event was shortened so that the sink takes it.
  void WarnTruncated();

  // Writes all of it into `run`.
  void Fill(RunRecord* run) const;

  // Starts from the warnings a run was created with.
  void TakeWarnings(const RunRecord& run);

 private:
  mutable Mutex mutex_;
  std::map<std::string, RunWarning> warnings_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_EXPORT_RUN_ACCOUNT_H_
