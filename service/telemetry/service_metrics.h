#ifndef LOGEXPORT_SERVICE_TELEMETRY_SERVICE_METRICS_H_
#define LOGEXPORT_SERVICE_TELEMETRY_SERVICE_METRICS_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "service/base/mutex.h"
#include "service/telemetry/exposition.h"
#include "service/telemetry/instruments.h"
#include "service/telemetry/labelled.h"

namespace logexport {

// How much is told of each exporter by itself.
enum class PerExporter {
  kAuto,  // kFull up to kMostInFull exporters, kKey beyond
  kFull,  // everything
  kKey,   // what alerts need; the rest is summed up
  kOff,   // nothing: everything is summed up
};
inline constexpr std::size_t kMostInFull = 200;
// "auto", "full", "key", "off".
std::optional<PerExporter> ParsePerExporter(absl::string_view name);

// Counted for one exporter. Whoever counts holds it, so that a run can go on counting while the
// exporter is deleted.
struct ExporterCounters {
  Counter accepted;
  Counter filtered;
  Counter dead_lettered;
  Counter late_logs;
};

// What a scrape finds out about one exporter. Times are Unix times in seconds; what is not known is
// absent.
struct ExporterSample {
  std::string exporter;
  std::optional<double> lag_seconds;
  std::optional<double> checkpoint_time;
  std::optional<double> last_success_time;
  std::optional<double> last_caught_up_time;
  std::optional<double> confirmed_time;
  std::optional<double> schedule_period_seconds;
  std::optional<double> retention_seconds;
  std::optional<double> rate_limit;
  std::optional<double> rate_remaining;
  std::int64_t consecutive_failures = 0;
  std::int64_t dead_letters = 0;
  bool paused = false;
};

// What a scrape finds out about the service, beside what was counted.
struct ServiceSample {
  // Whether the rest could be read; if not it is as it was read last.
  bool store_readable = true;
  std::vector<ExporterSample> exporters;
  double outbox_oldest_seconds = 0;
  double clock_skew_seconds = 0;
  // Entries of the audit that were ever written.
  std::int64_t audit_entries = 0;
  // Stored secrets by the id of the key that they are encrypted with.
  std::map<std::string, std::int64_t> secret_rows;
  std::int64_t runs_waiting = 0;  // for a place among those that go on at a time
  // Processes on the store that are heard of, this one included, and exporters that none owns.
  std::int64_t members = 1;
  std::int64_t unowned_exporters = 0;
  // For how much longer this process may believe that it is heard of; absent where it has to be
  // heard of by nobody.
  std::optional<double> lease_trust_seconds;
};

// All metrics of the service, by the names in service/package/README.md. Counting takes no lock,
// except for calls of the API. Thread-safe.
class ServiceMetrics {
 public:
  struct Options {
    std::string version;
    PerExporter per_exporter = PerExporter::kAuto;
    // The methods of the API; calls of others are counted as `_OTHER`.
    std::vector<std::string> rpc_methods;
  };
  explicit ServiceMetrics(Options options);
  ~ServiceMetrics();

  // The same for the same exporter until it is forgotten. Takes a lock that a scrape takes, too:
  // not for the middle of a run.
  std::shared_ptr<ExporterCounters> OfExporter(absl::string_view exporter);
  // The exporter is gone from here, and so are its series.
  void Forget(absl::string_view exporter);
  // The sums over all exporters that ever were.
  ExporterCounters& totals() { return totals_; }

  // ---- runs; names as in reports
  void RunStarted(absl::string_view kind);
  void RunStopped(absl::string_view kind);
  void RunEnded(absl::string_view trigger, absl::string_view state, absl::string_view stop_reason,
                absl::Duration took);
  // One that an earlier process left unfinished.
  void RunInterrupted(absl::string_view trigger);
  void Fires(std::int64_t started, std::int64_t skipped, std::int64_t missed);
  // Of attempts, failed ones included.
  DurationHistogram& page_duration() { return page_duration_; }
  DurationHistogram& batch_duration() { return batch_duration_; }
  DurationHistogram& commit_duration() { return commit_duration_; }
  LevelGauge& batches_in_flight() { return batches_in_flight_; }
  LevelGauge& events_unsettled() { return events_unsettled_; }
  void Retried(absl::string_view target, absl::string_view reason);
  void WaitedOnLimit(absl::string_view target, absl::Duration waited);
  // A commit that another writer had overtaken; `reason` as stop reasons are named.
  void CommitFenced(absl::string_view reason);

  // ---- exporters that go from one member to another
  // `expired`: its owner was not heard of any more; else nobody owned it.
  void TookOver(bool expired);
  // `reason` is "balance" or "shutdown".
  void GaveBack(absl::string_view reason, std::int64_t exporters);

  // ---- what the service asks and is asked
  // `purpose` is TARGET/OPERATION, `status` the HTTP status or 0 where none came.
  void RequestEnded(absl::string_view purpose, int status, absl::Duration took);
  // `code` is a canonical name such as NOT_FOUND.
  void CallEnded(absl::string_view method, absl::string_view code, absl::Duration took);
  // Of what the gate refuses, those that say who may call are counted.
  void CallRefused(absl::string_view reason);
  void MessageHandled(absl::string_view channel, absl::string_view result);
  void LoggedIn(bool admitted);

  // ---- what protects the service
  // The whole audit was checked.
  void AuditChecked(bool intact);
  // `purpose` is "server" or "client_ca"; InfiniteFuture where there is none.
  void CertificateExpires(absl::string_view purpose, absl::Time at);

  void StoreFailed(absl::StatusCode code);
  void StoreInDoubt() { store_in_doubt_.Add(); }
  void CommitUnreplicated() { unreplicated_commits_.Add(); }
  SpanCounters& spans() { return spans_; }

  // Everything, in Prometheus' text format.
  std::string Text(const ServiceSample& sample) const;

 private:
  void AddRuns(Exposition* out) const;
  void AddExchanges(Exposition* out) const;
  void AddCalls(Exposition* out) const;
  void AddMembers(const ServiceSample& sample, Exposition* out) const;
  void AddProtection(const ServiceSample& sample, Exposition* out) const;
  // The counters of exporters, by themselves or summed up.
  void AddLogs(PerExporter detail, Exposition* out) const;

  const Options options_;

  Labelled<Counter> runs_;
  Labelled<LevelGauge> active_runs_;
  Labelled<Counter> fires_;
  DurationHistogram run_duration_;
  DurationHistogram page_duration_;
  DurationHistogram batch_duration_;
  DurationHistogram commit_duration_;
  LevelGauge batches_in_flight_;
  LevelGauge events_unsettled_;
  Labelled<Counter> retries_;
  Labelled<TimeCounter> limit_wait_;
  Labelled<Counter> fenced_commits_;
  Labelled<Counter> requests_;
  Labelled<DurationHistogram> request_duration_;
  Labelled<Counter> auth_failures_;
  Labelled<Counter> logins_;
  Labelled<Counter> messages_;
  Labelled<Counter> store_errors_;
  Counter store_in_doubt_;
  Counter unreplicated_commits_;
  Labelled<Counter> takeovers_;
  Labelled<Counter> moves_;
  SpanCounters spans_;
  ExporterCounters totals_;

  mutable Mutex mutex_;
  // Absent before the first check has ended.
  std::optional<bool> audit_intact_ ABSL_GUARDED_BY(mutex_);
  // By purpose, as Unix time.
  std::map<std::string, double> certificate_expiry_ ABSL_GUARDED_BY(mutex_);
  // By id, so that two scrapes have the same order.
  std::map<std::string, std::shared_ptr<ExporterCounters>, std::less<>> exporters_
      ABSL_GUARDED_BY(mutex_);
  // By method and code, made with the first call of each: all of them would be many.
  std::map<std::pair<std::string, std::string>, std::unique_ptr<DurationHistogram>> calls_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_TELEMETRY_SERVICE_METRICS_H_
