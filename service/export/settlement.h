#ifndef LOGEXPORT_SERVICE_EXPORT_SETTLEMENT_H_
#define LOGEXPORT_SERVICE_EXPORT_SETTLEMENT_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "service/export/batch.h"
#include "service/export/settled_log_collector.h"
#include "service/state/records.h"

namespace logexport {

// Knows which admitted logs are settled, and so how far the checkpoint may move.
//
// Never lost: the prefix ends before the first entry without an outcome, whatever was accepted
// behind it. Always accounted: the ledger counts every admitted log once, as settled when the
// prefix passes it and as unsettled until then.
//
// Not thread-safe: SharedSettlement holds it under its lock.
class Settlement {
 public:
  Settlement() = default;
  Settlement(const Settlement&) = delete;
  Settlement& operator=(const Settlement&) = delete;

  // Admits the batch's logs. Batches are tracked in the order they were cut.
  void Track(std::shared_ptr<Batch> batch);

  // What became settled since the last call: folds every settled batch at the front into the
  // ledger. True if the prefix grew.
  bool Advance();
  // The same at the end of a run, when a batch may be settled in part: folds it up to its first
  // pending entry.
  bool AdvanceIntoPartial();

  // The account as of the prefix.
  const Ledger& ledger() const { return ledger_; }
  // Id of the last settled log of the prefix; empty before the first.
  const std::string& last_id() const { return last_id_; }
  // The times of the logs passed, as far as their dates are credible.
  std::optional<absl::Time> first_time() const { return first_time_; }
  std::optional<absl::Time> last_time() const { return last_time_; }
  // Id of the first log that is not settled; empty when there is none.
  std::string FirstUnsettled() const;
  // Takes the id of the first log passed since the last call; empty if none was.
  std::string TakeFirstPassed();
  // Takes the dead letters passed since the last call.
  std::vector<DeadLetter> TakeDeadLetters();

  // Whether the next Advance would move the prefix.
  bool CanAdvance() const {
    return !open_.empty() && open_.front()->settled &&
           (believes_refusals_ || !open_.front()->has_refused);
  }
  // The sink is known to accept events, so a refusal is the refused event's own fault. Until then
  // the prefix does not pass one: a sink that refuses everything must not make dead letters.
  void BelieveRefusals() { believes_refusals_ = true; }
  // Lets the prefix pass what was refused so far, and nothing that is refused later.
  void PassRefusals();
  // Batches not yet passed by the prefix.
  std::size_t open_batches() const { return open_.size(); }
  // Takes back every refusal behind the prefix: those logs are unsettled again. For a sink that
  // refuses so much that the fault is not in the events.
  void RevertRefused();

  // For a redrive: collects the ids that were settled otherwise than by a dead letter.
  void CollectSettledIds() { collect_settled_ids_ = true; }
  std::vector<std::string> TakeSettledIds();

  // Collects the logs that are settled, as they are to be remembered. Not those that lie outside
  // the run's window, which it only reads past.
  void CollectSettledLogs() { settled_logs_.emplace(); }
  std::vector<SettledLogs> TakeSettledLogs();

  std::int64_t admitted() const { return admitted_; }
  // The ledger completed with the unsettled, by type too, and with what is accepted behind the
  // prefix. `at_rest` says that no batch is being sent any more.
  Ledger Account(bool at_rest) const;

 private:
  void Fold(const Batch& batch, std::size_t begin, std::size_t end);
  LogCounts& CountsOf(absl::string_view type);

  std::deque<std::shared_ptr<Batch>> open_;
  std::size_t folded_of_front_ = 0;
  std::int64_t admitted_ = 0;
  absl::flat_hash_map<std::string, std::int64_t> admitted_by_type_;
  Ledger ledger_;
  // Of the ledger, by type: found in a fraction of the time that the ledger's own map takes.
  absl::flat_hash_map<absl::string_view, LogCounts*> counts_;
  std::string last_id_;
  std::string first_passed_;
  std::optional<absl::Time> first_time_;
  std::optional<absl::Time> last_time_;
  std::vector<DeadLetter> dead_letters_;
  bool believes_refusals_ = false;
  bool collect_settled_ids_ = false;
  std::vector<std::string> settled_ids_;
  std::optional<SettledLogCollector> settled_logs_;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_EXPORT_SETTLEMENT_H_
