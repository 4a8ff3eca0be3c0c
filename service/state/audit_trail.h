#ifndef LOGEXPORT_SERVICE_STATE_AUDIT_TRAIL_H_
#define LOGEXPORT_SERVICE_STATE_AUDIT_TRAIL_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace logexport {

// A value that a call changed, masked where it is a secret.
struct AuditedChange {
  std::string field;
  std::string before;
  std::string after;
  friend bool operator==(const AuditedChange& a, const AuditedChange& b) {
    return a.field == b.field && a.before == b.before && a.after == b.after;
  }
};

enum class AuditOutcome {
  kDone,
  kRefused,  // not allowed; nothing was done
  kFailed,   // allowed, but not carried out
};
absl::string_view AuditOutcomeName(AuditOutcome outcome);
std::optional<AuditOutcome> ParseAuditOutcome(absl::string_view name);

// Who did, or tried to do, what. Entries form a chain: each signs the signature of the one before.
struct AuditEntry {
  std::int64_t sequence = 0;  // from 1 without gaps; given by the store
  absl::Time time;
  std::string caller;
  bool verified = false;
  std::string role;  // "VIEWER", …; empty: the caller is not known
  std::string address;
  std::string way;     // "grpc", "http", "console", "start", "service"
  std::string method;  // "UpdateConfig"
  std::string exporter;
  std::string call_id;     // as in the log
  std::string request_id;  // the caller's
  std::string reason;
  std::vector<AuditedChange> changes;
  AuditOutcome outcome = AuditOutcome::kDone;
  std::string error_reason;
  std::int64_t further_refusals = 0;

  // Given by the store.
  std::string key_id;
  std::string previous_hash;  // empty: the first entry
  std::string hash;
};

// The newest entry; sequence 0 and no hash before there is any.
struct AuditHead {
  std::int64_t sequence = 0;
  std::string hash;
};

// "SEQUENCE:HASH": what is kept outside the store of the newest entry. Empty before there is any.
std::string AuditAnchor(const AuditHead& head);

struct AuditFilter {
  std::vector<std::string> exporters;  // empty: any; so below
  std::vector<std::string> methods;
  std::vector<std::string> callers;
  std::vector<AuditOutcome> outcomes;
  std::optional<absl::Time> from;
  std::optional<absl::Time> to;
  std::int64_t after_sequence = 0;
};

// Entries that PruneAudit removed, the oldest ones there were.
struct PrunedAudit {
  std::int64_t count = 0;
  AuditHead through;  // the newest of them
};

// Signs entries with keys that are not in the store. Thread-safe.
class AuditSigner {
 public:
  virtual ~AuditSigner() = default;
  struct Signature {
    std::string key_id;
    std::string hash;  // HMAC-SHA256, 64 lower-case hex digits
  };
  // With the key that signs now.
  virtual Signature Sign(absl::string_view text) const = 0;
  // The hash under the key of that id; nothing when there is no such key.
  virtual std::optional<std::string> HashUnder(absl::string_view key_id,
                                               absl::string_view text) const = 0;
};

// Signs with SHA-256 alone, under the key id "": for stores without keys, in tests. Anybody can
// make such a chain.
const AuditSigner& KeylessAuditSigner();

// What is signed of an entry: everything but its key id and hash. Pure.
std::string SignedText(const AuditEntry& entry);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_STATE_AUDIT_TRAIL_H_
