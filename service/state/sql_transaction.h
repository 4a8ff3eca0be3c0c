#ifndef LOGEXPORT_SERVICE_STATE_SQL_TRANSACTION_H_
#define LOGEXPORT_SERVICE_STATE_SQL_TRANSACTION_H_

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "service/base/clock.h"
#include "service/state/sql_session.h"
#include "service/state/transaction.h"

namespace logexport {

// A piece of the memory of settled logs that has room left.
struct OpenPiece {
  std::int64_t id = 0;
  std::int64_t logs = 0;
};

// What the transactions of a store share.
struct TransactionContext {
  Clock& clock;
  // What the rows of exporters that this process owns say of their owner. Stores that belong to one
  // process as a whole have no ids for owners.
  std::string owner;
  // Of stores that belong to one process: the epoch that all exporters are in. Else 0.
  std::int64_t epoch = 0;
  // For people: who this process is.
  std::string name;
  // See StoreOptions; null: configurations are kept as they are.
  const ConfigSealer* sealer = nullptr;
  const AuditSigner* audit_signer = nullptr;
  // See StoreOptions.
  std::function<absl::Status(absl::string_view operation)> fault;
  // See StoreOptions.
  std::function<void(absl::StatusCode code)> on_failure;
};

// The transaction that `session` has begun. Its methods are in a file for each subject.
class SqlTransaction final : public Transaction {
 public:
  enum class Mode { kRead, kWrite };

  SqlTransaction(SqlSession& session, const TransactionContext& context, Mode mode)
      : session_(session), context_(context), mode_(mode) {}

  // exporters.cc
  absl::Status CreateExporter(const NewExporter& exporter, bool revive) override;
  absl::StatusOr<ExporterRecord> GetExporter(absl::string_view id) override;
  absl::StatusOr<std::vector<ExporterRecord>> ListExporters() override;
  absl::StatusOr<bool> WasDeleted(absl::string_view id) override;
  absl::Status DeleteExporter(absl::string_view id, const Audit& audit) override;
  absl::Status UpdateExporter(const ExporterRecord& record) override;

  // owners.cc
  absl::StatusOr<OwnerRecord> GetOwner(absl::string_view exporter) override;
  absl::StatusOr<OwnershipCount> CountOwnership() override;
  absl::Status RequireOwner(absl::string_view exporter, std::int64_t epoch) override;
  absl::Status CallOwner(absl::string_view exporter, absl::string_view cancelled_run) override;
  absl::StatusOr<std::vector<OwnerCall>> CallsToOwner(int size) override;
  absl::Status DropCall(std::int64_t id) override;

  // configurations.cc
  absl::StatusOr<ConfigVersion> GetConfig(absl::string_view exporter) override;
  absl::StatusOr<ConfigVersion> GetConfigVersion(absl::string_view exporter,
                                                 std::int64_t version) override;
  absl::StatusOr<std::int64_t> AddConfigVersion(const ConfigVersion& next,
                                                std::int64_t expected) override;
  absl::StatusOr<std::vector<ConfigVersion>> ListConfigVersions(absl::string_view exporter,
                                                                const PageRequest& page) override;

  // secrets.cc
  absl::StatusOr<std::vector<std::string>> SecretKeyIds() override;
  absl::StatusOr<std::map<std::string, std::int64_t>> CountSecretsByKey() override;
  absl::StatusOr<std::vector<SealedSecret>> SecretsUnderOtherKeys(
      absl::string_view key_id, int size, const SealedSecret& after) override;
  absl::Status ReplaceSecret(const SealedSecret& secret) override;
  // What the store keeps of a configuration; its secrets are stored beside it.
  absl::StatusOr<std::string> SealConfig(absl::string_view exporter, absl::string_view config);
  // Seals the configurations that were stored without a sealer, and notes that it is done.
  absl::Status SealStoredConfigs();

  // checkpoints.cc
  absl::StatusOr<Checkpoint> GetCheckpoint(absl::string_view exporter) override;
  absl::StatusOr<Checkpoint> SetCheckpoint(absl::string_view exporter, const Position& position,
                                           absl::Time now, const Audit& audit) override;
  absl::StatusOr<std::vector<CheckpointChange>> ListCheckpoints(absl::string_view exporter,
                                                                const PageRequest& page) override;
  absl::StatusOr<std::int64_t> CommitProgress(const ProgressCommit& commit) override;

  // runs.cc
  absl::StatusOr<RunRecord> AddRun(const RunRecord& run) override;
  absl::StatusOr<RunRecord> GetRun(absl::string_view exporter, absl::string_view run_id) override;
  absl::StatusOr<std::vector<std::string>> RunIdsWithPrefix(absl::string_view exporter,
                                                            absl::string_view prefix,
                                                            int most) override;
  absl::StatusOr<std::vector<RunRecord>> UnfinishedRuns(absl::string_view exporter) override;
  absl::Status UpdateRun(const RunRecord& run) override;
  absl::StatusOr<std::vector<RunRecord>> ListRuns(const RunFilter& filter,
                                                  const PageRequest& page) override;
  absl::StatusOr<Total> CountRuns(const RunFilter& filter) override;
  absl::StatusOr<std::int64_t> PruneRuns(absl::string_view exporter, absl::Time before,
                                         std::int64_t keep) override;
  absl::Status DeleteRun(absl::string_view exporter, absl::string_view run_id) override;

  // sum_up_runs.cc
  absl::StatusOr<std::vector<RunSeriesStep>> SumUpRuns(const RunSeriesQuery& query) override;

  // remembered_logs.cc
  absl::StatusOr<std::optional<CompletenessRecord>> GetCompleteness(
      absl::string_view exporter) override;
  absl::StatusOr<std::vector<RememberedStretch>> ListRemembered(absl::string_view exporter,
                                                                absl::Time from, int size) override;
  absl::StatusOr<std::vector<LogIdHash>> RememberedIds(absl::string_view exporter, absl::Time first,
                                                       absl::Time last) override;
  absl::Status RecordPasses(absl::string_view exporter, const std::vector<CompletenessPass>& passes,
                            std::int64_t late_logs, absl::Time now) override;
  absl::StatusOr<std::int64_t> PruneRemembered(absl::string_view exporter, absl::Time before,
                                               absl::string_view floor) override;

  // dead_letters.cc
  absl::StatusOr<std::vector<DeadLetter>> ListNewestDeadLetters(
      const DeadLetterFilter& filter, int size, const DeadLetterPlace& behind) override;
  absl::StatusOr<std::vector<DeadLetter>> ListDeadLetters(const DeadLetterFilter& filter, int size,
                                                          absl::string_view after_id) override;
  absl::StatusOr<std::vector<std::string>> ListDeadLetterIds(const DeadLetterFilter& filter,
                                                             int size,
                                                             absl::string_view after_id) override;
  absl::StatusOr<std::int64_t> CountDeadLetters(const DeadLetterFilter& filter) override;
  absl::StatusOr<Total> CountDeadLettersUpTo(const DeadLetterFilter& filter,
                                             std::int64_t most) override;
  absl::StatusOr<std::int64_t> DeleteDeadLetters(const DeadLetterFilter& filter) override;

  // outbox.cc
  absl::Status AddOutbox(const OutboxMessage& message) override;
  absl::StatusOr<std::vector<OutboxMessage>> DueOutbox(absl::Time now, int size) override;
  absl::Status RescheduleOutbox(std::int64_t id, absl::Time next_attempt) override;
  absl::Status DeleteOutbox(std::int64_t id) override;
  absl::StatusOr<std::optional<absl::Time>> NextOutbox() override;

  // answers.cc
  absl::StatusOr<std::optional<StoredAnswer>> FindAnswer(absl::string_view request_id) override;
  absl::Status SaveAnswer(const StoredAnswer& answer) override;
  absl::Status PruneAnswers(absl::Time before) override;

  // logins.cc
  absl::Status AddLogin(const LoginRecord& login) override;
  absl::StatusOr<std::optional<LoginRecord>> FindLogin(absl::string_view secret_hash) override;
  absl::Status ExtendLogin(absl::string_view secret_hash, absl::Time expires) override;
  absl::StatusOr<bool> DeleteLogin(absl::string_view secret_hash) override;
  absl::StatusOr<std::int64_t> CountLogins(absl::string_view caller) override;
  absl::Status PruneLogins(absl::Time now) override;

  // audit_entries.cc
  absl::StatusOr<AuditEntry> AddAudit(const AuditEntry& entry) override;
  absl::StatusOr<AuditHead> GetAuditHead() override;
  absl::StatusOr<std::vector<AuditEntry>> ListAudit(const AuditFilter& filter,
                                                    const PageRequest& page) override;
  absl::StatusOr<std::vector<AuditEntry>> AuditFrom(std::int64_t sequence, int size) override;
  absl::StatusOr<std::vector<std::string>> AuditKeyIds() override;
  absl::StatusOr<PrunedAudit> PruneAudit(absl::Time before, int most) override;

  // history.cc
  absl::StatusOr<std::vector<HistoryRecord>> ListHistory(const HistoryFilter& filter, int size,
                                                         const HistoryPlace& behind) override;

 private:
  // Called first by every method: gives the fault of the tests its chance and refuses to write in
  // a transaction for reading.
  absl::Status Enter(absl::string_view operation, Mode needed);
  // Also for methods that read or write what belongs to `exporter` (empty: to all of them). In a
  // transaction for writing it is locked before it is read, so that what is written fits to what
  // was read.
  absl::Status Enter(absl::string_view operation, Mode needed, absl::string_view exporter);

  absl::StatusOr<std::vector<SealedSecret>> SecretsOf(absl::string_view exporter);
  // Puts the secrets back into a configuration as it was read.
  absl::Status OpenConfig(ConfigVersion* version);

  // Whether this very commit was made before.
  absl::StatusOr<bool> IsCommitted(const ProgressCommit& commit);
  // Why a commit changed no row.
  absl::Status ExplainRefusal(const ProgressCommit& commit);
  absl::StatusOr<std::vector<std::string>> ExportersOf(const RunFilter& filter);
  // The record that stands for several runs and whose ids enclose this one.
  absl::StatusOr<std::optional<RunRecord>> FoldAround(absl::string_view exporter,
                                                      absl::string_view run_id);
  absl::Status StoreDeadLetters(const ProgressCommit& commit);
  // The pieces that a commit's logs are added to, by hour: found before the checkpoint is moved,
  // and there once it is.
  using OpenPieces = std::map<std::int64_t, std::optional<OpenPiece>>;
  void FindOpenPieces(const ProgressCommit& commit, OpenPieces* open);
  absl::Status RememberSettled(const ProgressCommit& commit, OpenPieces open);
  void AddSettled(absl::string_view exporter, const SettledLogs& settled,
                  const std::optional<OpenPiece>& open);
  // After the checkpoint was set: what was skipped on the way forward is not late.
  absl::Status RaiseFloor(absl::string_view exporter, const Position& before,
                          const Position& after);

  // The first row that `read` makes of the answer, or nothing.
  template <typename T>
  absl::StatusOr<std::optional<T>> SelectFirst(absl::string_view sql,
                                               absl::Span<const SqlValue> values,
                                               T (*read)(SqlRow&)) {
    std::optional<T> first;
    const absl::Status status = session_.Select(sql, values, [&](SqlRow& row) {
      T value = read(row);
      if (!first.has_value()) first = std::move(value);
    });
    if (!status.ok()) return status;
    return first;
  }

  template <typename T>
  absl::StatusOr<std::vector<T>> SelectAll(absl::string_view sql, absl::Span<const SqlValue> values,
                                           T (*read)(SqlRow&)) {
    std::vector<T> all;
    const absl::Status status =
        session_.Select(sql, values, [&](SqlRow& row) { all.push_back(read(row)); });
    if (!status.ok()) return status;
    return all;
  }

  SqlSession& session_;
  const TransactionContext& context_;
  const Mode mode_;
};

// Whether a transaction failed for the database's reasons, and not for those of its body.
bool IsDatabaseFailure(const absl::Status& status);

// For readers of rows.
inline std::int64_t ReadIntColumn(SqlRow& row) { return row.ReadInt(); }
inline std::string ReadTextColumn(SqlRow& row) { return row.ReadText(); }
Audit ReadAudit(SqlRow& row);        // requester, verified, reason
Position ReadPosition(SqlRow& row);  // kind, id, time

// The key before which a page starts, for columns that count from 1.
std::int64_t PageStart(const PageRequest& page);

absl::Status NoExporterError(absl::string_view exporter);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_STATE_SQL_TRANSACTION_H_
