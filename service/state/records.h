#ifndef LOGEXPORT_SERVICE_STATE_RECORDS_H_
#define LOGEXPORT_SERVICE_STATE_RECORDS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace logexport {

// The rows of the store, as plain values. Every enum is stored under the name that its …Name
// function gives; the Parse… functions are their inverse and answer nothing for an unknown name.

// A place in a tenant's logs to go on from.
struct Position {
  enum class Kind {
    kAfter,     // after the log `id`, exclusively
    kAt,        // with the log `id` itself
    kEarliest,  // the three below become kAfter or kAt when the next run asks Auth0
    kLatest,    // after the newest log that existed at `time`, when this was asked for by our clock
    kTime,      // from `time` on
  };
  Kind kind = Kind::kEarliest;
  std::string id;
  absl::Time time;

  // Whether it names a log. Stores of earlier versions have kAfter with an empty id for the very
  // beginning of a tenant that had no logs.
  bool resolved() const { return (kind == Kind::kAfter || kind == Kind::kAt) && !id.empty(); }
  friend bool operator==(const Position& a, const Position& b) {
    return a.kind == b.kind && a.id == b.id && a.time == b.time;
  }
};
absl::string_view PositionKindName(Position::Kind kind);
std::optional<Position::Kind> ParsePositionKind(absl::string_view name);
// For people: "after 900…", "earliest", "2026-11-01T00:00:00.000Z".
std::string DescribePosition(const Position& position);

// Who did something and why. `verified` is false when the name is only the peer's address.
struct Audit {
  std::string requester;
  bool verified = false;
  std::string reason;
};

struct Checkpoint {
  Position position;
  // Time of the newest log settled, where known.
  std::optional<absl::Time> log_time;
  // Grows by one with every change; a commit names the version it started from.
  std::int64_t version = 0;
  absl::Time updated;
  Audit audit;         // of the last change by an operator; empty when runs moved it since
  std::string run_id;  // the run that moved it last; empty when an operator did
};

enum class RunState { kQueued, kRunning, kSucceeded, kFailed, kCancelled };
enum class StopReason {
  kNone,      // still running or queued
  kCaughtUp,  // nothing left to read, or the window's end
  kMaxLogs,
  kTimeBudget,
  kRateLimited,
  kCancelled,
  kShutdown,
  kError,
  kLeaseLost,
  kCheckpointMoved,
  kInterrupted,
};
enum class Trigger { kSchedule, kManual, kReplay, kStartup };
// Only kExport moves the checkpoint. kCompleteness reads logs again to find those that became
// visible late.
enum class RunKind { kExport, kDryRun, kWindow, kRedrive, kCompleteness };

absl::string_view RunStateName(RunState state);
std::optional<RunState> ParseRunState(absl::string_view name);
absl::string_view StopReasonName(StopReason reason);
std::optional<StopReason> ParseStopReason(absl::string_view name);
absl::string_view TriggerName(Trigger trigger);
std::optional<Trigger> ParseTrigger(absl::string_view name);
absl::string_view RunKindName(RunKind kind);
std::optional<RunKind> ParseRunKind(absl::string_view name);

inline bool IsFinished(RunState state) {
  return state != RunState::kQueued && state != RunState::kRunning;
}

// Counts of logs by what became of them.
struct LogCounts {
  std::int64_t fetched = 0;
  std::int64_t accepted = 0;
  std::int64_t filtered = 0;
  std::int64_t dead_lettered = 0;

  std::int64_t settled() const { return accepted + filtered + dead_lettered; }
  LogCounts& operator+=(const LogCounts& other) {
    fetched += other.fetched;
    accepted += other.accepted;
    filtered += other.filtered;
    dead_lettered += other.dead_lettered;
    return *this;
  }
  friend bool operator==(const LogCounts&, const LogCounts&) = default;
};

// The account of a run, by log. Always: fetched = accepted + filtered + dead_lettered + unsettled.
struct Ledger {
  LogCounts logs;
  std::int64_t unsettled = 0;
  // Of the unsettled: accepted by Segment, but behind a log that is not settled.
  std::int64_t accepted_ahead = 0;
  std::int64_t events_accepted = 0;
  std::map<std::string, LogCounts> by_type;
  std::map<std::string, std::int64_t> filtered_by_reason;

  bool balanced() const { return logs.fetched == logs.settled() + unsettled; }
  friend bool operator==(const Ledger&, const Ledger&) = default;
};

struct RunWarning {
  std::string code;  // UPPER_SNAKE
  std::string message;
  std::int64_t count = 1;
};

struct RunError {
  std::string origin;  // AUTH0, SEGMENT, STATE, INTERNAL
  std::string reason;  // UPPER_SNAKE
  std::string message;
  std::string action;  // what to do
  bool retryable = false;
};

struct TimeWindow {
  absl::Time start;  // inclusive
  absl::Time end;    // exclusive
};

// What a run was asked to do; two requests with equal parameters may share a run.
struct RunParameters {
  RunKind kind = RunKind::kExport;
  std::int64_t max_logs = 0;         // 0: as configured
  absl::Duration max_duration;       // zero: as configured
  std::optional<TimeWindow> window;  // kWindow only
  bool new_message_ids = false;
  // kRedrive only; each one empty: any.
  std::vector<std::string> dead_letter_ids;
  std::vector<std::string> dead_letter_reasons;
  std::vector<std::string> dead_letter_types;
  friend bool operator==(const RunParameters& a, const RunParameters& b);
};

// The stored account of a run; the API's report is made of it.
struct RunRecord {
  std::string run_id;
  std::string exporter;
  std::int64_t sequence = 0;  // order of creation, across exporters; given by the store
  RunParameters parameters;
  RunState state = RunState::kQueued;
  StopReason stop_reason = StopReason::kNone;
  Trigger trigger = Trigger::kManual;
  Audit audit;
  std::int64_t config_version = 0;
  std::int64_t epoch = 0;  // in which its owner owned the exporter
  std::string member;      // the name of the process that ran it; empty: none has begun it
  absl::Time created;
  std::optional<absl::Time> started;
  std::optional<absl::Time> ended;

  Position checkpoint_before;
  Position checkpoint_after;  // replaying after this repeats nothing that is settled
  std::string first_unsettled;
  std::optional<absl::Time> first_log_time;
  std::optional<absl::Time> last_log_time;

  // Of a window run: where it is, apart from the exporter's checkpoint.
  std::string window_cursor;
  // Of a window run: how many of its logs were not settled by any run before. Absent where nothing
  // of the window is remembered.
  std::optional<std::int64_t> new_logs;

  Ledger ledger;
  std::int64_t pages = 0;
  std::int64_t batches = 0;
  std::int64_t bytes_sent = 0;
  std::int64_t auth0_calls = 0;
  std::int64_t segment_calls = 0;
  std::int64_t retries = 0;
  absl::Duration limit_wait;
  std::int64_t message_generation = 0;
  std::vector<RunWarning> warnings;
  std::optional<RunError> error;

  // Of a run that found nothing: how many such runs in a row this record stands for, itself
  // included; 0 for every other run. If there are several, `created` and `started` are those of the
  // first, `ended` is that of the last, and what is counted is counted over all.
  std::int64_t idle_runs = 0;
  absl::Duration idle_time;   // how long they took together
  std::string last_idle_run;  // id of the last, if there are several

  // Grows with every commit of the run; resumes a watch.
  std::int64_t commit_version = 0;
};
// How many runs the record stands for: at least 1.
inline std::int64_t RunsIn(const RunRecord& run) { return run.idle_runs > 1 ? run.idle_runs : 1; }

// A log whose event Segment can never accept. One row per (exporter, log_id).
struct DeadLetter {
  std::string exporter;
  std::string log_id;
  std::string log_type;
  std::optional<absl::Time> log_time;
  std::string reason;   // UPPER_SNAKE
  std::string message;  // Segment's words, where it said any
  std::string raw;      // the log as Auth0 gave it
  std::string run_id;   // the run that recorded it last
  absl::Time recorded;
  std::int64_t attempts = 1;
};

struct Pause {
  Audit audit;
  absl::Time since;
};

// An exporter, without its configuration.
struct ExporterRecord {
  std::string id;
  std::string message_namespace;
  std::int64_t message_generation = 0;
  std::int64_t config_version = 0;
  absl::Time created;
  std::optional<Pause> pause;
  std::optional<absl::Time> resumed;  // when the last pause was ended

  // Fires of the schedule, counted since creation.
  std::int64_t fires_started = 0;
  std::int64_t fires_skipped = 0;  // during a run, or while paused
  std::int64_t fires_missed = 0;   // while the process was down
  std::optional<absl::Time> last_fire;

  std::optional<absl::Time> last_caught_up;  // by the source's clock
  std::int64_t consecutive_failures = 0;
  // The destination that has accepted nothing since it last refused an event, in the form that the
  // exporting gives it; empty: there is none.
  std::string refused_by;
  std::string last_run_id;      // of kind kExport
  std::string last_success_id;  // of kind kExport
  std::optional<absl::Time> last_success;

  // Slack's memory: what was announced and not yet taken back.
  std::optional<absl::Time> failure_announced;
  // Reasons of the failures that were told since the last reminder.
  std::vector<std::string> failure_reasons_announced;
  std::optional<absl::Time> silence_announced;
  std::string last_daily_report;  // civil day in the configured zone, "2026-11-23"

  // Since when Slack takes no message, and what it said last. Unset after a delivery.
  std::optional<absl::Time> slack_failing_since;
  std::string slack_failure;
  // The same of the webhook for programs.
  std::optional<absl::Time> webhook_failing_since;
  std::string webhook_failure;
  // Codes of unknown log types that a report has told already.
  std::vector<std::string> unknown_types_told;
};

struct ConfigVersion {
  std::string exporter;
  std::int64_t version = 0;
  std::string config;  // serialised by config/; opaque here
  std::vector<std::string> changed_fields;
  absl::Time created;
  Audit audit;
  std::int64_t rollback_of = 0;  // the version it repeats; 0: it is no rollback
};

struct CheckpointChange {
  std::int64_t version = 0;
  Position before;
  Position after;
  absl::Time changed;
  Audit audit;
};

// To whom a message goes: people in Slack, or programs behind a webhook.
enum class NotificationChannel { kSlack, kWebhook };
// "slack", "webhook".
absl::string_view NotificationChannelName(NotificationChannel channel);
std::optional<NotificationChannel> ParseNotificationChannel(absl::string_view name);

struct OutboxMessage {
  std::int64_t id = 0;  // given by the store
  std::string exporter;
  NotificationChannel channel = NotificationChannel::kSlack;
  std::string kind;     // "run_failed", "run_succeeded", …
  std::string payload;  // JSON, in the form of its channel
  absl::Time created;
  absl::Time next_attempt;
  std::int64_t attempts = 0;
};

// The answer to a write request, kept so that the same request id gets the same answer.
// A way to be known without showing a credential: a one-time code, a session or a bearer token.
// Only a hash of its secret is stored.
struct LoginRecord {
  std::string secret_hash;  // SHA-256 of the secret, in hex
  std::string kind;         // "CODE", "SESSION" or "TOKEN"
  std::string caller;       // whom it logs in
  bool verified = false;
  // The credential it was made with: SHA-256 of a token in hex, a client certificate and its chain
  // as PEM with the name in it; empty where there was none.
  std::string token_hash;
  std::string certificate_name;
  std::string certificate;
  absl::Time created;
  absl::Time expires;
};

struct StoredAnswer {
  std::string request_id;
  std::string method;
  std::string requester;
  std::string body_hash;
  std::string answer;
  absl::Time created;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_STATE_RECORDS_H_
