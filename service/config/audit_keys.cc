#include "service/config/audit_keys.h"

#include "service/base/hash.h"

namespace logexport {

AuditSigner::Signature AuditKeys::Sign(absl::string_view text) const {
  const KeyRing::Key key = keys_.ring()->AuditKey();
  return {key.id, HmacSha256(key.bytes).Hex(text)};
}

std::optional<std::string> AuditKeys::HashUnder(absl::string_view key_id,
                                                absl::string_view text) const {
  const std::optional<KeyRing::Key> key = keys_.ring()->FindAuditKey(key_id);
  if (!key.has_value()) return std::nullopt;
  return HmacSha256(key->bytes).Hex(text);
}

}  // namespace logexport
