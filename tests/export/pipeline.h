#ifndef LOGEXPORT_TESTS_EXPORT_PIPELINE_H_
#define LOGEXPORT_TESTS_EXPORT_PIPELINE_H_

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

#include "service/base/mutex.h"
#include "service/export/export_run.h"
#include "service/export/failure.h"
#include "service/state/store.h"
#include "tests/support/fake_clock.h"

namespace logexport {

// A tenant in memory: logs with ascending ids, read as Auth0 would give them.
class FakeTenant final : public LogSource {
 public:
  explicit FakeTenant(Clock& clock) : clock_(clock) {}

  // Adds `count` logs of type "s".
  void AddLogs(int count);
  std::vector<std::string> ids() const;

  // Asked before each read, with its number from 0; an error is answered in its place.
  std::function<absl::Status(int read)> before_read;
  absl::Duration budget_wait;
  // The page with the last log tells that younger ones were left for the next run.
  bool settle_horizon = false;

  absl::StatusOr<Position> Resolve(const Position& position, const CallContext&) override;
  std::unique_ptr<PageWalk> Walk(absl::string_view id, int take, const CallContext&) override;
  absl::StatusOr<Page> ReadAfter(absl::string_view id, int take, const CallContext&) override;
  absl::StatusOr<Page> ReadOne(absl::string_view id, const CallContext&) override;
  absl::StatusOr<Page> Decode(std::string array) override;
  absl::Duration WaitForBudget(RunLane) override { return budget_wait; }
  absl::Time Now() override { return clock_.Now(); }
  bool HasToldTime() override { return true; }
  absl::Duration ClockSkew() override { return skew; }
  absl::Duration ClockDisagreement(absl::Duration) override { return disagreement; }
  SourceCounters counters() override { return {reads_}; }
  RateBudget rate_budget() override { return {}; }
  std::vector<SourceProbe> Probe(const CallContext&) override { return {}; }

  absl::Duration skew;
  absl::Duration disagreement;
  // Ids of logs that the tenant no longer keeps.
  std::set<std::string> gone;
  // How much larger each log is than its id.
  std::size_t log_bytes = 0;
  // The size of what came as a page.
  std::size_t page_bytes = 0;
  // The sizes of the arrays that were decoded.
  std::vector<std::size_t> decoded;

 private:
  Page PageOf(const std::vector<std::string>& ids) const;

  Clock& clock_;
  mutable Mutex mutex_;
  std::vector<std::string> ids_ ABSL_GUARDED_BY(mutex_);
  std::atomic<std::int64_t> reads_ = 0;
};

// Segment in memory: remembers what it accepted.
class FakeSegment final : public EventSink {
 public:
  // Asked for each attempt, with its number from 0 and the ids in it; an error refuses the batch.
  std::function<absl::Status(int attempt, const std::vector<std::string>& ids)> before_accept;
  // Asked after a batch was accepted; an error takes the place of the answer that says so.
  std::function<absl::Status(int attempt, const std::vector<std::string>& ids)> before_answer;
  BatchLimits batch_limits{50, 100'000};
  // A request with more bytes of events is answered 413.
  std::size_t largest_request = 1'000'000;

  BatchLimits limits() const override { return batch_limits; }
  absl::Status Send(absl::string_view events, std::int64_t count, int attempt,
                    const CallContext& context) override;
  // Cuts off blanks behind the id of one event.
  std::optional<std::string> Shorten(absl::string_view events,
                                     std::size_t max_bytes) const override;
  absl::Status Probe(const CallContext&) override { return absl::OkStatus(); }

  // Log id → how often it was accepted.
  std::map<std::string, int> accepted() const;
  int attempts() const;

 private:
  mutable Mutex mutex_;
  std::map<std::string, int> accepted_ ABSL_GUARDED_BY(mutex_);
  int attempts_ ABSL_GUARDED_BY(mutex_) = 0;
};

// Maps a log to one event, {"id":"…"}, with as many blanks behind the id as `blanks` tells; ids in
// `reject` can not be mapped, those in `filter` are left out.
class FakeMapper final : public EventMapper {
 public:
  std::set<std::string> reject;
  absl::string_view reject_reason = "EVENT_TOO_LARGE";
  std::set<std::string> filter;
  std::map<std::string, std::size_t> blanks;
  // Called before each log is mapped.
  std::function<void()> before_map;
  bool WantsProfile(const Log&) const override { return false; }
  bool TellsOfChange(const Log&) const override { return false; }
  MapResult Map(const Log& log, const Profile*, std::string* out,
                std::vector<std::uint32_t>* sizes) override;
};

// An exporter whose runs are executed by the real pipeline over a real store in a folder of its
// own.
class Pipeline {
 public:
  // With a store in a file of its own, or in what `store_url` names.
  explicit Pipeline(std::string store_url = "");
  ~Pipeline();

  // Executes one run from the stored checkpoint and puts it on record.
  RunRecord Run(const std::function<void(RunRecord&, ExporterSettings&)>& adjust = nullptr);
  // The same in pieces, for tests that interfere.
  std::unique_ptr<ExportRun> Prepare(
      const std::function<void(RunRecord&, ExporterSettings&)>& adjust = nullptr);
  RunRecord Finish(ExportRunResult result);

  Checkpoint checkpoint();
  RunRecord Stored(const std::string& run_id);
  std::vector<DeadLetter> dead_letters();
  void MoveCheckpoint(const std::string& id);
  // Closes the store and opens it again, as the next process would.
  void Reopen();

  FakeClock clock{FakeClock::Mode::kAutomatic};
  FakeTenant* tenant;
  FakeSegment* segment;
  FakeMapper mapper;
  // Before each operation of the store.
  std::function<absl::Status(absl::string_view operation)> store_fault;
  // After each commit, from a thread of the run.
  std::function<void(const RunRecord&)> on_commit;
  std::vector<RunRecord> commits;
  // Of the runs to come, as in their environment.
  absl::Duration commit_hold;
  std::function<bool()> watched;
  Store& store() { return *store_; }

 private:
  void OwnAll();

  std::string directory_;
  std::string store_url_;
  std::shared_ptr<ExporterComponents> components_;
  std::unique_ptr<Store> store_;
  int runs_ = 0;
};

absl::Status TransientFailure();
absl::Status RefusedBatch();
absl::Status TooLarge();
absl::Status BadKey();

}  // namespace logexport

#endif  // LOGEXPORT_TESTS_EXPORT_PIPELINE_H_
