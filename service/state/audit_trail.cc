#include "service/state/audit_trail.h"

#include "absl/strings/str_cat.h"

#include "service/base/hash.h"

namespace logexport {
namespace {

class Keyless final : public AuditSigner {
 public:
  Signature Sign(absl::string_view text) const override { return {"", Sha256Hex(text)}; }
  std::optional<std::string> HashUnder(absl::string_view key_id,
                                       absl::string_view text) const override {
    if (!key_id.empty()) return std::nullopt;
    return Sha256Hex(text);
  }
};

// The length before each text keeps two entries from having one text.
void Append(absl::string_view text, std::string* out) {
  absl::StrAppend(out, text.size(), ":", text, "\n");
}

}  // namespace

absl::string_view AuditOutcomeName(AuditOutcome outcome) {
  switch (outcome) {
    case AuditOutcome::kDone:
      return "DONE";
    case AuditOutcome::kRefused:
      return "REFUSED";
    case AuditOutcome::kFailed:
      return "FAILED";
  }
  return "";
}

std::optional<AuditOutcome> ParseAuditOutcome(absl::string_view name) {
  for (const AuditOutcome outcome :
       {AuditOutcome::kDone, AuditOutcome::kRefused, AuditOutcome::kFailed}) {
    if (AuditOutcomeName(outcome) == name) return outcome;
  }
  return std::nullopt;
}

std::string AuditAnchor(const AuditHead& head) {
  return head.sequence == 0 ? "" : absl::StrCat(head.sequence, ":", head.hash);
}

const AuditSigner& KeylessAuditSigner() {
  static const auto* const signer = new Keyless();
  return *signer;
}

std::string SignedText(const AuditEntry& entry) {
  std::string text = "logexport audit v1\n";
  absl::StrAppend(&text, entry.sequence, "\n", absl::ToUnixMicros(entry.time), "\n",
                  entry.verified ? 1 : 0, "\n", entry.further_refusals, "\n",
                  AuditOutcomeName(entry.outcome), "\n", entry.changes.size(), "\n");
  for (const std::string* const value :
       {&entry.caller, &entry.role, &entry.address, &entry.way, &entry.method, &entry.exporter,
        &entry.call_id, &entry.request_id, &entry.reason, &entry.error_reason}) {
    Append(*value, &text);
  }
  for (const AuditedChange& change : entry.changes) {
    Append(change.field, &text);
    Append(change.before, &text);
    Append(change.after, &text);
  }
  Append(entry.previous_hash, &text);
  return text;
}

}  // namespace logexport
