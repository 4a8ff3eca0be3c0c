#ifndef LOGEXPORT_SERVICE_STATE_AUDIT_CHAIN_H_
#define LOGEXPORT_SERVICE_STATE_AUDIT_CHAIN_H_

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

#include "service/state/audit_trail.h"

namespace logexport {

// The entry by which the service records that it removed old ones: it names the newest of those as
// the values of "through" and "hash".
inline constexpr absl::string_view kPruneAuditMethod = "PruneAudit";
AuditEntry PruneEntry(const PrunedAudit& pruned, absl::Time now);

// Checks that entries are as they were written and that none is missing, one entry at a time, so
// that any number of them takes no memory. One thread.
class AuditChainCheck {
 public:
  struct Problem {
    std::int64_t sequence = 0;  // 0: about the whole
    std::string message;
  };
  // Further ones are not kept: after the first, what follows is as likely consequence as cause.
  static constexpr std::size_t kMostProblems = 10;

  // `anchor` is what was kept outside the store, with sequence 0 where there is none. `signer` must
  // outlive it.
  AuditChainCheck(const AuditSigner& signer, AuditHead anchor);

  // The next entry in the order of their numbers.
  void Add(const AuditEntry& entry);
  // After the last one; `head` is what the store says is the newest.
  void Finish(const AuditHead& head);

  const std::vector<Problem>& problems() const { return problems_; }
  std::int64_t entries() const { return entries_; }
  std::int64_t first_sequence() const { return first_.sequence; }
  const AuditHead& last() const { return last_; }
  // Entries whose key is not there. They are no problem by themselves.
  std::int64_t unverifiable() const { return unverifiable_; }
  const std::set<std::string>& missing_keys() const { return missing_keys_; }

 private:
  void Report(std::int64_t sequence, std::string message);

  const AuditSigner& signer_;
  const AuditHead anchor_;
  std::int64_t entries_ = 0;
  AuditHead first_;  // with the hash before it
  AuditHead last_;
  // What the newest entry about removed ones says of them.
  AuditHead pruned_;
  std::int64_t unverifiable_ = 0;
  std::set<std::string> missing_keys_;
  std::vector<Problem> problems_;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_STATE_AUDIT_CHAIN_H_
