#ifndef LOGEXPORT_SERVICE_EXPORT_FETCHER_H_
#define LOGEXPORT_SERVICE_EXPORT_FETCHER_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "service/base/mutex.h"
#include "service/export/log_source.h"
#include "service/export/retry_loop.h"
#include "service/export/run_account.h"
#include "service/export/run_stop.h"
#include "service/export/stage_queue.h"
#include "service/export/stretch_reader.h"
#include "service/state/records.h"
#include "service/state/store.h"

namespace logexport {

struct FetcherOptions {
  std::string exporter;
  RunParameters parameters;
  Position start;
  // Somebody named the log to start after; no run has moved the checkpoint since.
  bool start_is_named = false;
  // All logs until then were read, to notice logs that were dropped before they could be.
  std::optional<absl::Time> complete_until;
  absl::Duration retention;  // zero: not known
  // How far beyond its end, by the time in the ids, a window is read.
  absl::Duration window_lateness;
  int take = 100;
  CallContext calls;
};

// The first stage: walks along the chain of pages, each beginning after the id that the one before
// ended with. The next one is asked for before the current one is mapped. One thread.
class Fetcher {
 public:
  // All must outlive it. `store` is read by a redrive only, and `stretches` is used by a run for
  // completeness only; else it may be null.
  Fetcher(RunStop& stop, StageQueue& queue, RunAccount& account, RetryLoop& retry,
          RunBudget& budget, LogSource& source, Store& store, StretchReader* stretches,
          FetcherOptions options);

  // Fetches until there is nothing left, the run's time is up, or the run is stopped, and tells
  // `stop` why.
  void Run();

  // Where reading began, once the source told. Not resolved where it has no logs yet.
  std::optional<Position> resolved() const;
  // The source's time of the read that found nothing more, if it came to that.
  std::optional<absl::Time> caught_up_at() const;

 private:
  struct End {
    StopReason reason = StopReason::kNone;
    absl::Status status;
  };
  End FetchLogs();
  End FetchDeadLetters();
  // Reads again what is due, some pages of it, and hands over what is late.
  End FetchLateLogs();
  // Makes one call to the source, within the tenant's rate budget and the run's time.
  absl::Status Call(absl::FunctionRef<absl::Status()> call,
                    RunStep::Kind step = RunStep::Kind::kOther);
  // The same for a call that reads logs.
  absl::StatusOr<Page> Read(absl::FunctionRef<absl::StatusOr<Page>()> read);
  // Empty while the run may go on.
  std::optional<End> Hand(Page page);
  // Adds the log of that dead letter to `logs`, separated by commas, after handing over those if
  // they are many bytes.
  std::optional<End> RedriveOne(const std::string& id, std::string* logs);
  // Takes `logs` away.
  std::optional<End> HandRead(std::string* logs);
  static End EndFor(const absl::Status& status);
  void NoticeGap(const Page& first);
  // Asks for the log that somebody named, and warns if there is none. An error ends the run.
  absl::Status NoticeUnknownStart(const std::string& id);
  // Logs were left out because their ids are ahead of the source's time.
  void NoticeLogsAhead(const Page& page);
  bool PassedWindow(const Page& page) const;

  RunStop& stop_;
  StageQueue& queue_;
  RunAccount& account_;
  RetryLoop& retry_;
  RunBudget& budget_;
  LogSource& source_;
  Store& store_;
  StretchReader* const stretches_;
  const FetcherOptions options_;
  mutable Mutex mutex_;
  std::optional<Position> resolved_ ABSL_GUARDED_BY(mutex_);
  std::optional<absl::Time> caught_up_at_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_EXPORT_FETCHER_H_
