#ifndef LOGEXPORT_SERVICE_STATE_STORE_H_
#define LOGEXPORT_SERVICE_STATE_STORE_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "service/state/audit_trail.h"
#include "service/state/config_sealer.h"
#include "service/state/members.h"
#include "service/state/transaction.h"

namespace logexport {

struct StoreOptions {
  // "sqlite:PATH", or for PostgreSQL what its own programs take: "postgresql://…" or "host=… …".
  std::string url = "sqlite:logexport.db";
  // For tests: called with the name of every operation before it runs ("Begin", "CommitProgress",
  // "Commit", …); an error is returned in its place. "Committed" comes after what was
  // written is durable: its error takes the place of the answer alone. Never set in production.
  std::function<absl::Status(absl::string_view operation)> fault;
  // Takes the secrets out of the configurations that are stored, and puts them back into those that
  // are read; null: configurations are stored as they are. Must outlive the store.
  const ConfigSealer* sealer = nullptr;
  // Signs the entries of the audit. Must outlive the store.
  const AuditSigner* audit_signer = &KeylessAuditSigner();
  // Is told of every transaction that the database failed, by the codes that Transaction lists.
  // Must not block or call the store. May be empty.
  std::function<void(absl::StatusCode code)> on_failure = {};
  // Takes back that the store was copied to another one (see CopyStore), and opens it again.
  bool unmark_moved = false;
  // Is told of every commit of which the database says that it may be lost with the server, because
  // no standby has confirmed it. As `on_failure` otherwise.
  std::function<void()> on_unreplicated = {};
};

// Everything that outlives the process: configuration, checkpoints, runs, dead letters. Any process
// that has opened the store reads and writes what operators ask for; the runs of an exporter are
// its owner's. An exporter has one owner at a time; whoever becomes the owner works in the next
// epoch, and every write of a run carries it. Thread-safe: writes to one exporter take turns, reads
// run beside them on a consistent snapshot. For opening one see engines/open_store.h.
class Store {
 public:
  virtual ~Store() = default;

  // The epoch in which this process owns the exporter, as far as it knows; 0 when it does not. Asks
  // nobody and does not block.
  virtual std::int64_t EpochOf(absl::string_view exporter) const = 0;

  // OK while a run of the exporter that began in `epoch` may go on: this process was the owner then
  // and may believe that it still is. Else as CommitProgress refuses, with LEASE_LOST. Asks nobody
  // and does not block, so that it can be called before everything that is sent.
  virtual absl::Status CheckOwnership(absl::string_view exporter, std::int64_t epoch) const = 0;

  // How the exporters are divided among the processes; null for a store that belongs to one
  // process, which owns all exporters for as long as the store is open.
  virtual Members* members() = 0;

  // The processes that work on the store, the longest first. Also dead ones that still own
  // something.
  virtual absl::StatusOr<std::vector<MemberRecord>> ListMembers() = 0;

  // Runs `body` in one transaction: committed, and durable on disk, when it returns OK; undone
  // otherwise, and its error is returned; so is an error of the database that `body` did not return
  // itself. `body` must not call the store again or block on anything else. It runs once. After
  // UNAVAILABLE the transaction may have been committed all the same, its answer lost on the way.
  virtual absl::Status Write(absl::FunctionRef<absl::Status(Transaction&)> body) = 0;

  // The same for reading; several at a time. Writing in it is an error.
  virtual absl::Status Read(absl::FunctionRef<absl::Status(Transaction&)> body) = 0;

  // Hands configurations that were stored without a sealer to the sealer, once, and leaves nothing
  // of what they were in the file, its free pages and its write-ahead log. Ended at any moment, it
  // goes on with the next call. To be called after Open, before anything else is written.
  virtual absl::Status SealLiterals() = 0;

  // OK when the store can be read now and is still where it was opened: a file that was removed or
  // replaced meanwhile would take everything written to it along. For health checks.
  virtual absl::Status Check() = 0;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_STATE_STORE_H_
