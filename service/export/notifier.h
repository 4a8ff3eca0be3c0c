#ifndef LOGEXPORT_SERVICE_EXPORT_NOTIFIER_H_
#define LOGEXPORT_SERVICE_EXPORT_NOTIFIER_H_

#include <cstdint>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "service/export/settings.h"
#include "service/state/records.h"

namespace logexport {

// From where to where an exporter exports, as host names, and which process tells of it.
struct Route {
  std::string tenant;
  std::string destination;
  std::string member;
};

// What there is to tell about a run that ended.
struct RunNews {
  RunRecord run;
  // As it is after the run, its announcements as before it.
  ExporterRecord exporter;
  std::int64_t dead_letters = 0;  // kept now
  std::optional<absl::Duration> lag;
  Route route;
};

// That no run has succeeded for too long, or that one has again.
struct SilenceNews {
  std::string exporter;
  std::optional<absl::Time> last_success;
  absl::Duration silent_for;
  int periods = 0;  // of the schedule, that passed without a success
  std::int64_t consecutive_failures = 0;
  std::int64_t dead_letters = 0;
  Position checkpoint;
  std::optional<RunError> last_error;
  Route route;
};

struct DailyNews {
  std::string exporter;
  std::string day;  // the civil day it is of, "2026-11-23"
  // The runs that ended in [from, to) are summed up; `to` is when the report was due.
  absl::Time from;
  absl::Time to;
  absl::Time written;     // what is told of now, such as the lag, is told of then
  std::string time_zone;  // IANA, to show times in
  std::int64_t runs = 0;
  std::int64_t failed_runs = 0;
  LogCounts logs;
  std::map<std::string, std::int64_t> errors;    // by reason
  std::map<std::string, std::int64_t> warnings;  // by code
  std::int64_t dead_letters = 0;                 // kept now
  // Logs that became visible late and were exported.
  std::int64_t late_logs = 0;
  // Up to when completeness is confirmed now, or why it is not. Neither where it is not known.
  std::optional<absl::Time> confirmed_until;
  std::string not_confirmed_reason;
  std::optional<absl::Duration> lag;
  Position checkpoint;
  std::vector<RunRecord> last_failures;  // a few, newest first
  // "SEQUENCE:HASH" of the newest entry of the audit, kept with the report outside the store.
  // Empty: there is none.
  std::string audit_anchor;
  Route route;
};

// Puts news into messages and delivers them. When there is news is decided elsewhere; messages are
// stored with what caused them and delivered later. The payloads hold neither personal data nor
// secrets. Thread-safe.
class Notifier {
 public:
  virtual ~Notifier() = default;

  // Each answers a message's payload.
  virtual std::string RunFailed(const RunNews& news, bool reminder) const = 0;
  virtual std::string Recovered(const RunNews& news) const = 0;
  virtual std::string RunSucceeded(const RunNews& news) const = 0;
  virtual std::string Silence(const SilenceNews& news) const = 0;
  virtual std::string SilenceOver(const SilenceNews& news) const = 0;
  virtual std::string DailyReport(const DailyNews& news) const = 0;
  virtual std::string Test(absl::string_view exporter, const Route& route,
                           const Audit& audit) const = 0;

  enum class Result {
    kSent,
    kTryLater,  // see retry_after
    kRefused,   // will never be taken: the webhook is gone or wrong
  };
  struct Outcome {
    Result result = Result::kSent;
    int http_status = 0;  // 0: no answer
    std::string answer;   // the other side's words, shortened; or what went wrong
    absl::Duration retry_after = absl::Seconds(30);
  };
  // Where to deliver a message to. Secrets, both.
  struct Receiver {
    std::string url;
    std::string signing_key;  // empty: not signed
  };
  // Blocks for one exchange.
  virtual Outcome Deliver(const Receiver& receiver, absl::string_view payload,
                          std::stop_token stop) = 0;
};

// One for each channel; both must outlive it.
struct Notifiers {
  Notifier& slack;
  Notifier& webhook;
  // How this process calls itself in messages; empty: not at all.
  std::string member;

  Notifier& Of(NotificationChannel channel) const {
    return channel == NotificationChannel::kWebhook ? webhook : slack;
  }
};

// The receiver of a channel; its url is empty if there is none.
Notifier::Receiver ReceiverOf(const NotificationSettings& settings, NotificationChannel channel);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_EXPORT_NOTIFIER_H_
