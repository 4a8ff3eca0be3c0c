#ifndef LOGEXPORT_SERVICE_RUNS_ANNOUNCEMENTS_H_
#define LOGEXPORT_SERVICE_RUNS_ANNOUNCEMENTS_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "service/export/notifier.h"
#include "service/export/settings.h"
#include "service/schedule/schedule.h"
#include "service/state/records.h"
#include "service/state/transaction.h"

namespace logexport {

// Decides what people and programs are told and when. The decisions are pure functions of what the
// store holds. A message and the note that it was told are stored in one transaction, so that a
// crash neither forgets nor repeats a message.

// OutboxMessage::kind of a daily report.
inline constexpr absl::string_view kDailyReportMessage = "daily_report";

enum class RunAnnouncement { kNone, kFailed, kReminder, kRecovered, kSucceeded };

// Whether the run made dead letters that were none before.
bool HasNewDeadLetters(const RunRecord& run);

// What to tell when a run has ended. Its first failure is told, repeated ones once per reminder
// interval, but a failure for a new reason at once. The success after a failure that was told is
// told as a recovery, any other success only if configured or if the run wrote dead letters. Dry
// runs are never told.
RunAnnouncement DecideRunAnnouncement(const RunRecord& run, const ExporterRecord& before,
                                      const NotificationSettings& told, absl::Time now);

struct SilenceDecision {
  bool silent = false;  // no success for `silence_periods` periods of the schedule
  int periods = 0;      // how many have passed
  // Since the last success, or since the exporter was created or resumed after that.
  absl::Duration silent_for;
};
SilenceDecision DecideSilence(const ExporterRecord& exporter, const Schedule& schedule,
                              const SlackSettings& slack, absl::Time now);
// The same with what the store knows of runs: an active run that commits progress is not silent,
// and an alarm that was told stands until a run succeeds.
absl::StatusOr<SilenceDecision> SilenceOf(Transaction& tx, const ExporterRecord& exporter,
                                          const Schedule& schedule, const SlackSettings& slack,
                                          absl::Time now);

struct DailyReportDue {
  std::string day;  // civil day in the configured zone, "2026-11-23"
  // The time it covers: from the hour of the day before to the hour of its own day.
  absl::Time from;
  absl::Time to;
};
// The newest report whose hour has come, if it was not written yet. If the service was down at the
// hour, the report is due when it is up again, even on a later day. Of several missed reports only
// the newest is due.
std::optional<DailyReportDue> DueDailyReport(const ExporterRecord& exporter,
                                             const NotificationSettings& told, absl::Time now);

// Adds messages to the outbox, one for each channel that has a receiver.
class Announcer {
 public:
  explicit Announcer(Notifiers notifiers) : notifiers_(std::move(notifiers)) {}

  // Adds the messages about an ended run, if there is something to tell, and remembers it in
  // `exporter`.
  absl::Status RunEnded(Transaction& tx, const RunRecord& run, const NotificationSettings& told,
                        absl::Time now, ExporterRecord* exporter) const;

  // Whether Periodic would add a message. It only reads.
  absl::StatusOr<bool> PeriodicIsDue(Transaction& tx, const ExporterRecord& exporter,
                                     const Schedule& schedule, const NotificationSettings& told,
                                     absl::Time now) const;

  // Adds silence alarms, their recoveries and daily reports that are due; stores the exporter if it
  // changed. Answers whether a message was added.
  absl::StatusOr<bool> Periodic(Transaction& tx, ExporterRecord exporter, const Schedule& schedule,
                                const NotificationSettings& told, absl::Duration settle_delay,
                                absl::Time now) const;

 private:
  using Payload = absl::FunctionRef<std::string(const Notifier&)>;
  using Wants = absl::FunctionRef<bool(NotificationChannel)>;
  // A message to each channel that has a receiver and wants it.
  absl::Status Tell(Transaction& tx, absl::string_view exporter, absl::string_view kind,
                    const NotificationSettings& told, absl::Time now, Wants wants,
                    Payload payload) const;
  absl::Status Tell(Transaction& tx, absl::string_view exporter, absl::string_view kind,
                    const NotificationSettings& told, absl::Time now, Payload payload) const;
  Route RouteOf(const NotificationSettings& told) const {
    return {told.tenant, told.destination, notifiers_.member};
  }

  const Notifiers notifiers_;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_RUNS_ANNOUNCEMENTS_H_
