#include "service/state/migrations.h"

namespace logexport {
namespace {

// Times are microseconds since 1970 in UTC; enumerations are stored by name; lists and maps as JSON
// text. Exporters' rows go with their exporter. For the words that engines replace see SqlSession.

constexpr absl::string_view kOwnership = R"sql(
CREATE TABLE ownership (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  epoch INTEGER NOT NULL
))sql";

constexpr absl::string_view kFirstOwnership = "INSERT INTO ownership (id, epoch) VALUES (1, 0)";

constexpr absl::string_view kExporters = R"sql(
CREATE TABLE exporters (
  id TEXT NOT NULL PRIMARY KEY,
  message_namespace TEXT NOT NULL,
  message_generation INTEGER NOT NULL,
  config_version INTEGER NOT NULL,
  created INTEGER NOT NULL,
  paused_since INTEGER,
  paused_requester TEXT NOT NULL,
  paused_verified INTEGER NOT NULL,
  paused_reason TEXT NOT NULL,
  fires_started INTEGER NOT NULL,
  fires_skipped INTEGER NOT NULL,
  fires_missed INTEGER NOT NULL,
  last_fire INTEGER,
  last_caught_up INTEGER,
  consecutive_failures INTEGER NOT NULL,
  last_run_id TEXT NOT NULL,
  last_success_id TEXT NOT NULL,
  last_success INTEGER,
  failure_announced INTEGER,
  silence_announced INTEGER,
  last_daily_report TEXT NOT NULL
))sql";

constexpr absl::string_view kDeletedExporters = R"sql(
CREATE TABLE deleted_exporters (
  id TEXT NOT NULL PRIMARY KEY,
  deleted INTEGER NOT NULL,
  requester TEXT NOT NULL,
  verified INTEGER NOT NULL,
  reason TEXT NOT NULL
))sql";

constexpr absl::string_view kConfigVersions = R"sql(
CREATE TABLE config_versions (
  exporter TEXT NOT NULL REFERENCES exporters (id) ON DELETE CASCADE,
  version INTEGER NOT NULL,
  config TEXT NOT NULL,
  changed_fields TEXT NOT NULL,
  created INTEGER NOT NULL,
  requester TEXT NOT NULL,
  verified INTEGER NOT NULL,
  reason TEXT NOT NULL,
  PRIMARY KEY (exporter, version)
))sql";

constexpr absl::string_view kCheckpoints = R"sql(
CREATE TABLE checkpoints (
  exporter TEXT NOT NULL PRIMARY KEY REFERENCES exporters (id) ON DELETE CASCADE,
  position_kind TEXT NOT NULL,
  position_id TEXT NOT NULL,
  position_time INTEGER NOT NULL,
  log_time INTEGER,
  version INTEGER NOT NULL,
  updated INTEGER NOT NULL,
  requester TEXT NOT NULL,
  verified INTEGER NOT NULL,
  reason TEXT NOT NULL,
  run_id TEXT NOT NULL
))sql";

// Changes by operators only: what a run moved is in its own row, and a row for each commit would
// outgrow everything else.
constexpr absl::string_view kCheckpointHistory = R"sql(
CREATE TABLE checkpoint_history (
  exporter TEXT NOT NULL REFERENCES exporters (id) ON DELETE CASCADE,
  version INTEGER NOT NULL,
  before_kind TEXT NOT NULL,
  before_id TEXT NOT NULL,
  before_time INTEGER NOT NULL,
  after_kind TEXT NOT NULL,
  after_id TEXT NOT NULL,
  after_time INTEGER NOT NULL,
  changed INTEGER NOT NULL,
  requester TEXT NOT NULL,
  verified INTEGER NOT NULL,
  reason TEXT NOT NULL,
  PRIMARY KEY (exporter, version)
))sql";

// created_order is `created`, but never less than that of the run before: so it grows with
// sequence, and a range of time is a range of sequence even when the host's clock was set back.
// logs_magnitude is logs_fetched on a coarser scale (see run_columns.h), which makes "at least so
// many logs" a number of equalities (see run_query.h).
constexpr absl::string_view kRuns = R"sql(
CREATE TABLE runs (
  sequence INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  exporter TEXT NOT NULL REFERENCES exporters (id) ON DELETE CASCADE,
  run_id TEXT NOT NULL,
  created INTEGER NOT NULL,
  created_order INTEGER NOT NULL,
  kind TEXT NOT NULL,
  max_logs INTEGER NOT NULL,
  max_duration INTEGER NOT NULL,
  window_start INTEGER,
  window_end INTEGER,
  new_message_ids INTEGER NOT NULL,
  dead_letter_ids TEXT NOT NULL,
  dead_letter_reasons TEXT NOT NULL,
  dead_letter_types TEXT NOT NULL,
  state TEXT NOT NULL,
  stop_reason TEXT NOT NULL,
  trigger_kind TEXT NOT NULL,
  requester TEXT NOT NULL,
  verified INTEGER NOT NULL,
  reason TEXT NOT NULL,
  config_version INTEGER NOT NULL,
  epoch INTEGER NOT NULL,
  started INTEGER,
  ended INTEGER,
  before_kind TEXT NOT NULL,
  before_id TEXT NOT NULL,
  before_time INTEGER NOT NULL,
  message_generation INTEGER NOT NULL,
  error_origin TEXT,
  error_reason TEXT,
  error_message TEXT,
  error_action TEXT,
  error_retryable INTEGER,
  after_kind TEXT NOT NULL,
  after_id TEXT NOT NULL,
  after_time INTEGER NOT NULL,
  first_unsettled TEXT NOT NULL,
  first_log_time INTEGER,
  last_log_time INTEGER,
  window_cursor TEXT NOT NULL,
  logs_fetched INTEGER NOT NULL,
  logs_magnitude INTEGER NOT NULL,
  logs_accepted INTEGER NOT NULL,
  logs_filtered INTEGER NOT NULL,
  logs_dead_lettered INTEGER NOT NULL,
  logs_unsettled INTEGER NOT NULL,
  logs_accepted_ahead INTEGER NOT NULL,
  events_accepted INTEGER NOT NULL,
  by_type TEXT NOT NULL,
  filtered_by_reason TEXT NOT NULL,
  pages INTEGER NOT NULL,
  batches INTEGER NOT NULL,
  bytes_sent INTEGER NOT NULL,
  auth0_calls INTEGER NOT NULL,
  segment_calls INTEGER NOT NULL,
  retries INTEGER NOT NULL,
  limit_wait INTEGER NOT NULL,
  warnings TEXT NOT NULL,
  commit_version INTEGER NOT NULL
))sql";

constexpr absl::string_view kDeadLetters = R"sql(
CREATE TABLE dead_letters (
  exporter TEXT NOT NULL REFERENCES exporters (id) ON DELETE CASCADE,
  log_id TEXT NOT NULL,
  log_type TEXT NOT NULL,
  log_time INTEGER,
  reason TEXT NOT NULL,
  message TEXT NOT NULL,
  raw TEXT NOT NULL,
  run_id TEXT NOT NULL,
  recorded INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  PRIMARY KEY (exporter, log_id)
))sql";

constexpr absl::string_view kOutbox = R"sql(
CREATE TABLE outbox (
  id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  exporter TEXT NOT NULL REFERENCES exporters (id) ON DELETE CASCADE,
  kind TEXT NOT NULL,
  payload TEXT NOT NULL,
  created INTEGER NOT NULL,
  next_attempt INTEGER NOT NULL,
  attempts INTEGER NOT NULL
))sql";

constexpr absl::string_view kAnswers = R"sql(
CREATE TABLE answers (
  request_id TEXT NOT NULL PRIMARY KEY,
  method TEXT NOT NULL,
  requester TEXT NOT NULL,
  body_hash TEXT NOT NULL,
  answer TEXT NOT NULL,
  created INTEGER NOT NULL
))sql";

// Secrets of configurations, encrypted: one row for each value a setting ever had. See
// ConfigSealer.
constexpr absl::string_view kSecrets = R"sql(
CREATE TABLE secrets (
  exporter TEXT NOT NULL REFERENCES exporters (id) ON DELETE CASCADE,
  field TEXT NOT NULL,
  version INTEGER NOT NULL,
  key_id TEXT NOT NULL,
  box TEXT NOT NULL,
  PRIMARY KEY (exporter, field, version)
))sql";

// One-time codes, sessions and bearer tokens of the HTTP side; see LoginRecord. `expires` moves on
// while a session is used.
constexpr absl::string_view kLogins = R"sql(
CREATE TABLE logins (
  secret_hash TEXT NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL,
  caller TEXT NOT NULL,
  verified INTEGER NOT NULL,
  token_hash TEXT NOT NULL,
  certificate_name TEXT NOT NULL,
  certificate TEXT NOT NULL,
  created INTEGER NOT NULL,
  expires INTEGER NOT NULL
))sql";

// What is left to do about configurations that were stored with their secrets: 'seal' them, then
// 'scrub' the file of what they were. No row: nothing.
constexpr absl::string_view kUnsealedConfigs = R"sql(
CREATE TABLE unsealed_configs (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  step TEXT NOT NULL
))sql";

constexpr absl::string_view kFirstUnsealedConfigs =
    "INSERT INTO unsealed_configs (id, step) SELECT 1, 'seal' "
    "WHERE EXISTS (SELECT 1 FROM config_versions)";

// What is known of an exporter's completeness; see settled_logs.h, also for the others.
constexpr absl::string_view kCompleteness = R"sql(
CREATE TABLE completeness (
  exporter TEXT NOT NULL PRIMARY KEY REFERENCES exporters (id) ON DELETE CASCADE,
  floor TEXT NOT NULL,
  reached TEXT NOT NULL,
  since INTEGER NOT NULL,
  late_logs INTEGER NOT NULL,
  last_late INTEGER
))sql";

constexpr absl::string_view kCompletenessPasses = R"sql(
CREATE TABLE completeness_passes (
  exporter TEXT NOT NULL REFERENCES completeness (exporter) ON DELETE CASCADE,
  age INTEGER NOT NULL,
  read_up_to TEXT NOT NULL,
  PRIMARY KEY (exporter, age)
))sql";

// Pieces of some hundred logs of one hour (since 1970): seconds within it, the least age in seconds
// at which one of them was read, and their hashes, eight bytes each. These come last, so that the
// other columns can be read without them.
constexpr absl::string_view kSettledLogs = R"sql(
CREATE TABLE settled_logs (
  id INTEGER NOT NULL PRIMARY KEY,
  exporter TEXT NOT NULL REFERENCES completeness (exporter) ON DELETE CASCADE,
  hour INTEGER NOT NULL,
  first INTEGER NOT NULL,
  last INTEGER NOT NULL,
  age INTEGER NOT NULL,
  logs INTEGER NOT NULL,
  ids BLOB NOT NULL
))sql";

// Who did what; see audit_trail.h. Entries outlive their exporter. `recorded` is a time.
constexpr absl::string_view kAudit = R"sql(
CREATE TABLE audit (
  sequence INTEGER NOT NULL PRIMARY KEY,
  recorded INTEGER NOT NULL,
  caller TEXT NOT NULL,
  verified INTEGER NOT NULL,
  role TEXT NOT NULL,
  address TEXT NOT NULL,
  way TEXT NOT NULL,
  method TEXT NOT NULL,
  exporter TEXT NOT NULL,
  call_id TEXT NOT NULL,
  request_id TEXT NOT NULL,
  reason TEXT NOT NULL,
  changes TEXT NOT NULL,
  outcome TEXT NOT NULL,
  error_reason TEXT NOT NULL,
  further_refusals INTEGER NOT NULL,
  key_id TEXT NOT NULL,
  previous_hash TEXT NOT NULL,
  hash TEXT NOT NULL
))sql";

// The newest entry. Writers take its row first, and so one after another.
constexpr absl::string_view kAuditHead = R"sql(
CREATE TABLE audit_head (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  sequence INTEGER NOT NULL,
  hash TEXT NOT NULL
))sql";

constexpr absl::string_view kFirstAuditHead =
    "INSERT INTO audit_head (id, sequence, hash) VALUES (1, 0, '')";

// The processes that share the store, where an engine allows that: one row for each life of a
// process, which owns nothing any more once `expires` is over by the database's clock.
constexpr absl::string_view kMembers = R"sql(
CREATE TABLE members (
  member_id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  version TEXT NOT NULL,
  started INTEGER NOT NULL,
  expires INTEGER NOT NULL
))sql";

// What members want of the owner of an exporter; see OwnerCall. A row that is read is deleted.
constexpr absl::string_view kOwnerCalls = R"sql(
CREATE TABLE owner_calls (
  id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  exporter TEXT NOT NULL REFERENCES exporters (id) ON DELETE CASCADE,
  cancelled_run TEXT NOT NULL
))sql";

// A row: everything was copied to another store, which is the truth from then on.
constexpr absl::string_view kMoved = R"sql(
CREATE TABLE moved (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  target TEXT NOT NULL,
  moved INTEGER NOT NULL
))sql";

}  // namespace

const std::vector<Migration>& Migrations() {
  // On SQLite every index of runs ends, as all of SQLite's do, in the table's key: sequence.
  static const auto* const kMigrations = new std::vector<Migration>{
      {1,
       {kOwnership,
        kFirstOwnership,
        kExporters,
        kDeletedExporters,
        kConfigVersions,
        kCheckpoints,
        kCheckpointHistory,
        kRuns,
        "CREATE UNIQUE INDEX runs_by_id ON runs (exporter, run_id)",
        "CREATE INDEX runs_by_exporter ON runs (exporter)",
        "CREATE INDEX runs_by_created ON runs (exporter, created_order)",
        "CREATE INDEX runs_by_state ON runs (exporter, state)",
        "CREATE INDEX runs_by_trigger ON runs (exporter, trigger_kind)",
        "CREATE INDEX runs_by_kind ON runs (exporter, kind)",
        "CREATE INDEX runs_by_error ON runs (exporter, error_reason) "
        "WHERE error_reason IS NOT NULL",
        "CREATE INDEX runs_by_logs ON runs (exporter, logs_magnitude, sequence, logs_fetched)",
        kDeadLetters,
        "CREATE INDEX dead_letters_by_reason ON dead_letters (exporter, reason, log_id)",
        "CREATE INDEX dead_letters_by_recorded ON dead_letters (exporter, recorded)",
        kOutbox,
        "CREATE INDEX outbox_by_exporter ON outbox (exporter)",
        "CREATE INDEX outbox_by_next_attempt ON outbox (next_attempt)",
        kAnswers,
        "CREATE INDEX answers_by_created ON answers (created)"}},
      {2,
       {"ALTER TABLE exporters ADD COLUMN resumed INTEGER",
        "ALTER TABLE config_versions ADD COLUMN rollback_of INTEGER NOT NULL DEFAULT 0"}},
      {3, {"ALTER TABLE exporters ADD COLUMN refused_by TEXT NOT NULL DEFAULT ''"}},
      {4,
       {"ALTER TABLE exporters ADD COLUMN failure_reasons_announced TEXT NOT NULL DEFAULT '[]'",
        "ALTER TABLE exporters ADD COLUMN slack_failing_since INTEGER",
        "ALTER TABLE exporters ADD COLUMN slack_failure TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE exporters ADD COLUMN unknown_types_told TEXT NOT NULL DEFAULT '[]'"}},
      {5, {kSecrets, kUnsealedConfigs, kFirstUnsealedConfigs}},
      {6,
       {kCompleteness, kCompletenessPasses, kSettledLogs,
        "CREATE INDEX settled_logs_by_hour "
        "ON settled_logs (exporter, hour, first, last, age, logs)",
        "ALTER TABLE runs ADD COLUMN new_logs INTEGER NOT NULL DEFAULT -1"}},
      {7,
       {kAudit, kAuditHead, kFirstAuditHead,
        "CREATE INDEX audit_by_exporter ON audit (exporter, sequence)",
        "CREATE INDEX audit_by_method ON audit (method, sequence)",
        "CREATE INDEX audit_by_caller ON audit (caller, sequence)",
        "CREATE INDEX audit_by_outcome ON audit (outcome, sequence)",
        "CREATE INDEX audit_by_key ON audit (key_id)",
        "CREATE INDEX audit_by_time ON audit (exporter, recorded, sequence)",
        "CREATE INDEX checkpoint_history_by_changed "
        "ON checkpoint_history (exporter, changed, version)",
        "CREATE INDEX config_versions_by_created "
        "ON config_versions (exporter, created, version)"}},
      {8,
       {"ALTER TABLE outbox ADD COLUMN channel TEXT NOT NULL DEFAULT 'slack'",
        "ALTER TABLE exporters ADD COLUMN webhook_failing_since INTEGER",
        "ALTER TABLE exporters ADD COLUMN webhook_failure TEXT NOT NULL DEFAULT ''"}},
      {9,
       {kLogins, "CREATE INDEX logins_by_expires ON logins (expires)",
        "CREATE INDEX logins_by_caller ON logins (caller)"}},
      {10,
       {"ALTER TABLE checkpoints ADD COLUMN owner TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE checkpoints ADD COLUMN fence_epoch INTEGER NOT NULL DEFAULT 0", kMembers,
        kMoved}},
      {11,
       {"ALTER TABLE members ADD COLUMN draining INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE members ADD COLUMN alone INTEGER NOT NULL DEFAULT 0",
        "CREATE INDEX checkpoints_by_owner ON checkpoints (owner)", kOwnerCalls,
        "CREATE INDEX owner_calls_by_exporter ON owner_calls (exporter)",
        "ALTER TABLE runs ADD COLUMN member TEXT NOT NULL DEFAULT ''"}},
      {12,
       {"ALTER TABLE runs ADD COLUMN idle_runs INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE runs ADD COLUMN idle_time INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE runs ADD COLUMN last_idle_run TEXT NOT NULL DEFAULT ''"}},
  };
  return *kMigrations;
}

int NewestSchemaVersion() { return Migrations().back().version; }

}  // namespace logexport
