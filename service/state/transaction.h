#ifndef LOGEXPORT_SERVICE_STATE_TRANSACTION_H_
#define LOGEXPORT_SERVICE_STATE_TRANSACTION_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "service/state/audit_trail.h"
#include "service/state/config_sealer.h"
#include "service/state/history.h"
#include "service/state/members.h"
#include "service/state/records.h"
#include "service/state/run_series.h"
#include "service/state/settled_logs.h"

namespace logexport {

struct NewExporter {
  ExporterRecord record;  // id, message_namespace, created
  std::string config;     // becomes version 1
  Position start;         // becomes the checkpoint
  Audit audit;
};

// A run's progress, to be made durable together with the checkpoint that it justifies.
struct ProgressCommit {
  // The whole record as of now: its counts, warnings and window cursor replace the stored ones.
  const RunRecord* run = nullptr;
  std::int64_t epoch = 0;
  // For runs that move the checkpoint: the version the run last saw, and where to move it.
  std::optional<std::int64_t> expected_version;
  Position position;
  std::optional<absl::Time> log_time;
  // Logs passed by this commit that became dead letters; stored idempotently by (exporter, log id).
  std::vector<DeadLetter> dead_letters;
  // Dead letters that are settled now (redriven).
  std::vector<std::string> redriven;
  // What the exporter is to remember from now on (ExporterRecord::refused_by); else it is left as
  // it is.
  std::optional<std::string> refused_by;
  // Logs that are settled for the first time by this commit, to be remembered. Without effect while
  // nothing is remembered of the exporter.
  std::vector<SettledLogs> settled;
  // For runs that move the checkpoint: the id after which the run began to read, where known.
  // Remembering begins there if it did not begin before. Absent: it does not begin with this
  // commit.
  std::optional<std::string> remembers_from;
  // Up to this id nothing is remembered from now on. Empty: as before.
  std::string raises_floor_to;
  // Nothing is to be remembered of the exporter any more, and what was is forgotten.
  bool forgets = false;
};

struct RunFilter {
  std::string exporter;          // empty: all
  std::vector<RunState> states;  // empty: any; so below
  std::vector<Trigger> triggers;
  std::vector<RunKind> kinds;
  // Inclusive and exclusive. A run created while the host's clock was set back counts as created at
  // the newest time any run before it was. A record that stands for several runs is not before
  // `created_from` if the last of them ended at or after it.
  std::optional<absl::Time> created_from;
  std::optional<absl::Time> created_to;
  std::vector<std::string> error_reasons;
  std::int64_t min_logs = 0;
};

// Newest first; goes on behind the row with this key (0: from the newest).
struct PageRequest {
  int size = 50;
  std::int64_t before = 0;
};

// `exact` false: there are more than `value`.
struct Total {
  std::int64_t value = 0;
  bool exact = true;
};

struct DeadLetterFilter {
  std::string exporter;              // required
  std::vector<std::string> log_ids;  // empty: any; so below
  std::vector<std::string> reasons;
  std::vector<std::string> types;
  std::optional<absl::Time> recorded_from;
  std::optional<absl::Time> recorded_to;
  // How many characters of each log ListDeadLetters reads: a list need not read what it does not
  // show.
  std::optional<int> raw_limit;  // nothing: all
};

// No attempt to send a message is put off for longer.
inline constexpr absl::Duration kLongestOutboxDelay = absl::Hours(2);

// Where a dead letter stands in the list of the newest.
struct DeadLetterPlace {
  absl::Time recorded = absl::InfiniteFuture();
  std::string log_id;
};

// One transaction's view of the store (see Store). Methods that look up one row answer NOT_FOUND
// when it is absent; any method may answer UNAVAILABLE (locked), RESOURCE_EXHAUSTED (disk full),
// PERMISSION_DENIED (read-only) or DATA_LOSS (corrupt), after which the transaction must be given
// up. Used by one thread.
class Transaction {
 public:
  virtual ~Transaction() = default;

  // ---- exporters
  // ALREADY_EXISTS; FAILED_PRECONDITION when an exporter of that id was deleted, unless `revive`.
  virtual absl::Status CreateExporter(const NewExporter& exporter, bool revive) = 0;
  virtual absl::StatusOr<ExporterRecord> GetExporter(absl::string_view id) = 0;
  virtual absl::StatusOr<std::vector<ExporterRecord>> ListExporters() = 0;  // by id
  virtual absl::StatusOr<bool> WasDeleted(absl::string_view id) = 0;
  // Removes the exporter with all its rows but keeps the fact that it was deleted.
  virtual absl::Status DeleteExporter(absl::string_view id, const Audit& audit) = 0;
  // Replaces every field of the row but id and created.
  virtual absl::Status UpdateExporter(const ExporterRecord& record) = 0;

  // ---- owners (see members.h)
  // NOT_FOUND without the exporter.
  virtual absl::StatusOr<OwnerRecord> GetOwner(absl::string_view exporter) = 0;
  virtual absl::StatusOr<OwnershipCount> CountOwnership() = 0;
  // For a write that is the owner's alone: nobody else owns the exporter until the transaction
  // ends. As CommitProgress refuses, with LEASE_LOST, unless this process owns it in `epoch`.
  virtual absl::Status RequireOwner(absl::string_view exporter, std::int64_t epoch) = 0;
  // Calls the owner, whoever that is, to look again, or to end the run `cancelled_run`. NOT_FOUND
  // without the exporter.
  virtual absl::Status CallOwner(absl::string_view exporter, absl::string_view cancelled_run) = 0;
  // The calls to this process, in their order, the first `size` of them. A call is answered by
  // dropping it.
  virtual absl::StatusOr<std::vector<OwnerCall>> CallsToOwner(int size) = 0;
  virtual absl::Status DropCall(std::int64_t id) = 0;

  // ---- configuration
  virtual absl::StatusOr<ConfigVersion> GetConfig(absl::string_view exporter) = 0;
  virtual absl::StatusOr<ConfigVersion> GetConfigVersion(absl::string_view exporter,
                                                         std::int64_t version) = 0;
  // Appends a version (config, changed_fields, created, audit are taken from `next`) and makes it
  // the current one. ABORTED when the current version is not `expected`.
  virtual absl::StatusOr<std::int64_t> AddConfigVersion(const ConfigVersion& next,
                                                        std::int64_t expected) = 0;
  virtual absl::StatusOr<std::vector<ConfigVersion>> ListConfigVersions(
      absl::string_view exporter, const PageRequest& page) = 0;

  // ---- secrets of configurations (see ConfigSealer)
  // The keys that stored secrets are encrypted with.
  virtual absl::StatusOr<std::vector<std::string>> SecretKeyIds() = 0;
  // How many stored secrets are encrypted with each.
  virtual absl::StatusOr<std::map<std::string, std::int64_t>> CountSecretsByKey() = 0;
  // Up to `size` secrets that are encrypted with another key than `key_id`, by exporter, field and
  // version, from behind `after` on.
  virtual absl::StatusOr<std::vector<SealedSecret>> SecretsUnderOtherKeys(
      absl::string_view key_id, int size, const SealedSecret& after) = 0;
  // Replaces key id and box of the secret with this exporter, field and version.
  virtual absl::Status ReplaceSecret(const SealedSecret& secret) = 0;

  // ---- checkpoints
  virtual absl::StatusOr<Checkpoint> GetCheckpoint(absl::string_view exporter) = 0;
  // Sets it whatever it was, bumps the version and keeps history. Its log time is unknown then.
  virtual absl::StatusOr<Checkpoint> SetCheckpoint(absl::string_view exporter,
                                                   const Position& position, absl::Time now,
                                                   const Audit& audit) = 0;
  // The changes made by SetCheckpoint; what a run moved is in its record.
  virtual absl::StatusOr<std::vector<CheckpointChange>> ListCheckpoints(
      absl::string_view exporter, const PageRequest& page) = 0;

  // ---- runs
  // Stores a new run (queued or running) and answers it with its sequence. ALREADY_EXISTS when the
  // exporter has a run of that id, NOT_FOUND without the exporter.
  virtual absl::StatusOr<RunRecord> AddRun(const RunRecord& run) = 0;
  // Of a run that was folded: the record that stands for it (RunRecord::idle_runs).
  virtual absl::StatusOr<RunRecord> GetRun(absl::string_view exporter,
                                           absl::string_view run_id) = 0;
  // The ids that begin with `prefix`, in order, `most` at most. For runs that were folded it is the
  // id of the record that stands for them.
  virtual absl::StatusOr<std::vector<std::string>> RunIdsWithPrefix(absl::string_view exporter,
                                                                    absl::string_view prefix,
                                                                    int most) = 0;
  // Queued and running ones, oldest first.
  virtual absl::StatusOr<std::vector<RunRecord>> UnfinishedRuns(absl::string_view exporter) = 0;
  // Replaces the stored record (all but run_id, exporter, sequence, created). Not for commits.
  virtual absl::Status UpdateRun(const RunRecord& run) = 0;
  // Makes progress durable, fenced: changes nothing and answers ABORTED with the reason
  // "LEASE_LOST" when this process does not own the exporter in `epoch`, or the run is of another
  // one or is finished,
  // and "CHECKPOINT_MOVED" when the checkpoint's version is not the expected one (see
  // CommitRefusal). Of the run it writes what progresses: where it is, its ledger, counts, warnings
  // and commit_version; without a log time the checkpoint keeps the one it has. A log that is a
  // dead letter already is recorded anew, and by another run than before is one more attempt.
  // Answers the checkpoint's new version (or 0 for runs that do not move it). May be repeated when
  // the answer was lost: a commit of that run with the same commit_version and position that is in
  // the store already changes nothing and is answered as before, even if the checkpoint was set
  // since.
  virtual absl::StatusOr<std::int64_t> CommitProgress(const ProgressCommit& commit) = 0;
  virtual absl::StatusOr<std::vector<RunRecord>> ListRuns(const RunFilter& filter,
                                                          const PageRequest& page) = 0;
  // Exact up to 10,000.
  virtual absl::StatusOr<Total> CountRuns(const RunFilter& filter) = 0;
  // The runs of one exporter, summed up by steps of time, in one statement. Steps without a run are
  // left out; at most `steps` are answered, the earliest first.
  virtual absl::StatusOr<std::vector<RunSeriesStep>> SumUpRuns(const RunSeriesQuery& query) = 0;
  // Deletes finished runs created before `before` or beyond the newest `keep` (0: no bound), the
  // oldest first and a bounded number at a time; answers how many. The last run and the last
  // success that the exporter's record names stay.
  virtual absl::StatusOr<std::int64_t> PruneRuns(absl::string_view exporter, absl::Time before,
                                                 std::int64_t keep) = 0;

  // Deletes a run that has nothing to tell. NOT_FOUND when the exporter has no such run.
  virtual absl::Status DeleteRun(absl::string_view exporter, absl::string_view run_id) = 0;

  // ---- completeness (see settled_logs.h)
  // Nothing while nothing is remembered of the exporter. SetCheckpoint raises the floor when it
  // moves the checkpoint forward; a commit of a run begins the record.
  virtual absl::StatusOr<std::optional<CompletenessRecord>> GetCompleteness(
      absl::string_view exporter) = 0;
  // The pieces that end at `from` or later, in the order of their time, the first `size` of them.
  virtual absl::StatusOr<std::vector<RememberedStretch>> ListRemembered(absl::string_view exporter,
                                                                        absl::Time from,
                                                                        int size) = 0;
  // At least the hashes of all remembered logs from the second of `first` to that of `last`; others
  // of their neighbourhood may be among them.
  virtual absl::StatusOr<std::vector<LogIdHash>> RememberedIds(absl::string_view exporter,
                                                               absl::Time first,
                                                               absl::Time last) = 0;
  // Replaces the passes and counts `late_logs` more. Without effect while nothing is remembered.
  virtual absl::Status RecordPasses(absl::string_view exporter,
                                    const std::vector<CompletenessPass>& passes,
                                    std::int64_t late_logs, absl::Time now) = 0;
  // Forgets logs of hours that were over before `before`, a bounded number of pieces at a time, and
  // answers how many. `floor` is the id from which on nothing is forgotten.
  virtual absl::StatusOr<std::int64_t> PruneRemembered(absl::string_view exporter,
                                                       absl::Time before,
                                                       absl::string_view floor) = 0;

  // ---- dead letters
  // By log id, bytewise, from behind `after_id` on.
  virtual absl::StatusOr<std::vector<DeadLetter>> ListDeadLetters(const DeadLetterFilter& filter,
                                                                  int size,
                                                                  absl::string_view after_id) = 0;
  // Those recorded last come first, of equal ones the higher log id; goes on behind `behind`.
  virtual absl::StatusOr<std::vector<DeadLetter>> ListNewestDeadLetters(
      const DeadLetterFilter& filter, int size, const DeadLetterPlace& behind) = 0;
  // The log ids alone, for readers who cannot hold `size` raw logs at a time.
  virtual absl::StatusOr<std::vector<std::string>> ListDeadLetterIds(
      const DeadLetterFilter& filter, int size, absl::string_view after_id) = 0;
  // As many as DeleteDeadLetters would delete. The other counts no further than to `most`.
  virtual absl::StatusOr<std::int64_t> CountDeadLetters(const DeadLetterFilter& filter) = 0;
  virtual absl::StatusOr<Total> CountDeadLettersUpTo(const DeadLetterFilter& filter,
                                                     std::int64_t most) = 0;
  virtual absl::StatusOr<std::int64_t> DeleteDeadLetters(const DeadLetterFilter& filter) = 0;

  // ---- messages to send
  // NOT_FOUND without the exporter.
  virtual absl::Status AddOutbox(const OutboxMessage& message) = 0;
  // Of exporters that this process owns: those due at `now`, oldest first. So is one whose next
  // attempt lies further ahead than kLongestOutboxDelay: the clock was wrong when it was set.
  virtual absl::StatusOr<std::vector<OutboxMessage>> DueOutbox(absl::Time now, int size) = 0;
  // Counts an attempt.
  virtual absl::Status RescheduleOutbox(std::int64_t id, absl::Time next_attempt) = 0;
  virtual absl::Status DeleteOutbox(std::int64_t id) = 0;
  // The earliest next_attempt of messages of exporters that this process owns, if there is one.
  virtual absl::StatusOr<std::optional<absl::Time>> NextOutbox() = 0;

  // ---- answers by request id
  virtual absl::StatusOr<std::optional<StoredAnswer>> FindAnswer(absl::string_view request_id) = 0;
  // ALREADY_EXISTS when the request has one.
  virtual absl::Status SaveAnswer(const StoredAnswer& answer) = 0;
  virtual absl::Status PruneAnswers(absl::Time before) = 0;

  // ---- logins, by the hash of their secret
  // ALREADY_EXISTS when there is one of that hash.
  virtual absl::Status AddLogin(const LoginRecord& login) = 0;
  // Also one that has expired.
  virtual absl::StatusOr<std::optional<LoginRecord>> FindLogin(absl::string_view secret_hash) = 0;
  // Without effect when it is gone.
  virtual absl::Status ExtendLogin(absl::string_view secret_hash, absl::Time expires) = 0;
  // Whether it was there.
  virtual absl::StatusOr<bool> DeleteLogin(absl::string_view secret_hash) = 0;
  // Of one caller; empty: of all.
  virtual absl::StatusOr<std::int64_t> CountLogins(absl::string_view caller) = 0;
  // Deletes those that have expired.
  virtual absl::Status PruneLogins(absl::Time now) = 0;

  // ---- audit (see audit_trail.h)
  // Appends the entry, signed, and answers it as it was stored: with its number and hashes, and
  // with ill-formed text replaced. Entries of one store are appended one after another.
  virtual absl::StatusOr<AuditEntry> AddAudit(const AuditEntry& entry) = 0;
  virtual absl::StatusOr<AuditHead> GetAuditHead() = 0;
  // By number, the highest first.
  virtual absl::StatusOr<std::vector<AuditEntry>> ListAudit(const AuditFilter& filter,
                                                            const PageRequest& page) = 0;
  // By number, from `sequence` on, the first `size` of them.
  virtual absl::StatusOr<std::vector<AuditEntry>> AuditFrom(std::int64_t sequence, int size) = 0;
  // The keys that entries are signed with.
  virtual absl::StatusOr<std::vector<std::string>> AuditKeyIds() = 0;
  // Removes entries recorded before `before`, the oldest first and `most` at most. The newest entry
  // stays, and so does every entry after one that stays. To be recorded as an entry in the same
  // transaction (see PruneEntry).
  virtual absl::StatusOr<PrunedAudit> PruneAudit(absl::Time before, int most) = 0;

  // ---- history (see history.h)
  // Newest first; goes on behind `behind`.
  virtual absl::StatusOr<std::vector<HistoryRecord>> ListHistory(const HistoryFilter& filter,
                                                                 int size,
                                                                 const HistoryPlace& behind) = 0;
};

// Why CommitProgress refused, or kNone for any other status.
enum class CommitRefusal { kNone, kLeaseLost, kCheckpointMoved };
CommitRefusal CommitRefusalOf(const absl::Status& status);
// The status CommitProgress answers for a refusal.
absl::Status CommitRefused(CommitRefusal refusal, absl::string_view message);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_STATE_TRANSACTION_H_
