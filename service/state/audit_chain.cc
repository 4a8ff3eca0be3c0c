#include "service/state/audit_chain.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

#include "service/base/hash.h"

namespace logexport {
namespace {

constexpr absl::string_view kThrough = "through";
constexpr absl::string_view kHash = "hash";

AuditHead PrunedBy(const AuditEntry& entry) {
  AuditHead pruned;
  for (const AuditedChange& change : entry.changes) {
    if (change.field == kHash) pruned.hash = change.before;
    if (change.field == kThrough && !absl::SimpleAtoi(change.before, &pruned.sequence)) return {};
  }
  return pruned;
}

}  // namespace

AuditEntry PruneEntry(const PrunedAudit& pruned, absl::Time now) {
  AuditEntry entry;
  entry.time = now;
  entry.caller = "retention";
  entry.verified = true;
  entry.way = "service";
  entry.method = std::string(kPruneAuditMethod);
  entry.changes = {{"entries", absl::StrCat(pruned.count), ""},
                   {std::string(kThrough), absl::StrCat(pruned.through.sequence), ""},
                   {std::string(kHash), pruned.through.hash, ""}};
  return entry;
}

AuditChainCheck::AuditChainCheck(const AuditSigner& signer, AuditHead anchor)
    : signer_(signer), anchor_(std::move(anchor)) {}

void AuditChainCheck::Report(std::int64_t sequence, std::string message) {
  if (problems_.size() < kMostProblems) problems_.push_back({sequence, std::move(message)});
}

void AuditChainCheck::Add(const AuditEntry& entry) {
  if (entries_ == 0) {
    first_ = {entry.sequence, entry.previous_hash};
    if (entry.sequence == 1 && !entry.previous_hash.empty()) {
      Report(1, "the first entry names one before it");
    }
  } else if (entry.sequence != last_.sequence + 1) {
    Report(entry.sequence, absl::StrCat("the entries ", last_.sequence + 1, " to ",
                                        entry.sequence - 1, " are missing"));
  } else if (!EqualInConstantTime(entry.previous_hash, last_.hash)) {
    Report(entry.sequence, "the entry before it is not the one that it was written after");
  }
  const std::optional<std::string> hash = signer_.HashUnder(entry.key_id, SignedText(entry));
  if (!hash.has_value()) {
    ++unverifiable_;
    missing_keys_.insert(entry.key_id);
  } else if (!EqualInConstantTime(*hash, entry.hash)) {
    Report(entry.sequence, "the entry was changed after it was written");
  } else if (entry.method == kPruneAuditMethod && entry.way == "service") {
    pruned_ = PrunedBy(entry);
  }
  if (entry.sequence == anchor_.sequence && !EqualInConstantTime(entry.hash, anchor_.hash)) {
    Report(entry.sequence, "the entry is another one than the anchor says");
  }
  ++entries_;
  last_ = {entry.sequence, entry.hash};
}

void AuditChainCheck::Finish(const AuditHead& head) {
  if (entries_ > 0 && first_.sequence > 1 &&
      (pruned_.sequence != first_.sequence - 1 ||
       !EqualInConstantTime(pruned_.hash, first_.hash))) {
    Report(first_.sequence,
           absl::StrCat("the entries before it, up to ", first_.sequence - 1,
                        ", are missing, and no entry says that they were removed by age"));
  }
  if (head.sequence != last_.sequence || !EqualInConstantTime(head.hash, last_.hash)) {
    Report(0, absl::StrCat("the store has the newest entry as ", head.sequence,
                           ", but the last one there is ", last_.sequence));
  }
  if (anchor_.sequence > last_.sequence) {
    Report(0, absl::StrCat("the entries ", last_.sequence + 1, " to ", anchor_.sequence,
                           " were cut off: the anchor names the last of them"));
  }
}

}  // namespace logexport
