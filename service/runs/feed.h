#ifndef LOGEXPORT_SERVICE_RUNS_FEED_H_
#define LOGEXPORT_SERVICE_RUNS_FEED_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "service/base/mutex.h"
#include "service/state/records.h"

namespace logexport {

// The newest record of every run in progress, for those who watch. Publishing never waits for a
// watcher; a slow one sees fewer records, and the last one always. Thread-safe.
class RunFeed {
 public:
  // Announces a run, or its newest state. A finished run stays until its watchers have seen it.
  void Publish(const RunRecord& run);

  struct Update {
    // The record as of now; null when the feed does not know the run (ask the store).
    std::shared_ptr<const RunRecord> run;
    // Records published so far of this run; the difference to the one seen before, less one, is how
    // many were missed.
    std::int64_t published = 0;
  };
  // Blocks until the run has more than `seen` published records, the feed is closed, or `timeout`
  // (real time) has passed, and answers what there is.
  Update Wait(absl::string_view run_id, std::int64_t seen, absl::Duration timeout);

  // Makes every Wait return at once, now and later.
  void Close();
  bool closed() const;

 private:
  mutable Mutex mutex_;
  CondVar changed_;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
  absl::flat_hash_map<std::string, Update> runs_ ABSL_GUARDED_BY(mutex_);
  // Finished runs in `runs_`, oldest first, to bound their number.
  std::vector<std::string> finished_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_RUNS_FEED_H_
