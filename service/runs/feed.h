#ifndef LOGEXPORT_SERVICE_RUNS_FEED_H_
#define LOGEXPORT_SERVICE_RUNS_FEED_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "service/base/mutex.h"
#include "service/state/records.h"

namespace logexport {

// The newest record of every run in progress, for those who watch. Publishing never waits for a
// watcher. A slow watcher sees fewer records, but always the last one. Thread-safe.
class RunFeed {
 public:
  // Publishes the newest record of a run. A finished run is kept for those who still wait for it.
  void Publish(const RunRecord& run);

  struct Update {
    // The record as of now; null when the feed does not know the run (ask the store).
    std::shared_ptr<const RunRecord> run;
    // How many records of this run were published so far.
    std::int64_t published = 0;
  };
  // Blocks until the run has more than `seen` published records, the feed is closed, or `timeout`
  // (real time) has passed, and answers what there is.
  // `watches` says that somebody wants to see each record soon (IsWatched).
  Update Wait(absl::string_view run_id, std::int64_t seen, absl::Duration timeout,
              bool watches = true);

  // Whether somebody watches the run, or did within the last second: between two waits a watcher
  // is busy with what it was told.
  bool IsWatched(absl::string_view run_id) const;

  // What is known of the exporter's runs that have not ended is no news any more: from now on the
  // store tells of them.
  void ForgetUnfinished(absl::string_view exporter);

  // Somebody knows the id of a run that has not ended, and may ask for its report: it is to have
  // one of its own.
  void Name(absl::string_view run_id);
  // Whether somebody does.
  bool Named(absl::string_view run_id) const;

  // Makes every Wait return at once, now and later.
  void Close();
  bool closed() const;

 private:
  mutable Mutex mutex_;
  CondVar changed_;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
  absl::flat_hash_map<std::string, Update> runs_ ABSL_GUARDED_BY(mutex_);
  struct Watch {
    int waiting = 0;
    absl::Duration last;  // when somebody waited last, by the real clock
  };
  absl::flat_hash_map<std::string, Watch> watches_ ABSL_GUARDED_BY(mutex_);  // of runs in `runs_`
  // Until they have ended.
  absl::flat_hash_set<std::string> named_ ABSL_GUARDED_BY(mutex_);
  // Finished runs in `runs_`, oldest first, to bound their number.
  std::vector<std::string> finished_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_RUNS_FEED_H_
