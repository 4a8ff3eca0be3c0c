#ifndef LOGEXPORT_SERVICE_CONFIG_AUDIT_KEYS_H_
#define LOGEXPORT_SERVICE_CONFIG_AUDIT_KEYS_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

#include "service/config/secret_keys.h"
#include "service/state/audit_trail.h"

namespace logexport {

// Signs the audit with the keys of the key file. Thread-safe.
class AuditKeys final : public AuditSigner {
 public:
  // `keys` must outlive it, and be loaded before anything is signed.
  explicit AuditKeys(const SecretKeys& keys) : keys_(keys) {}

  Signature Sign(absl::string_view text) const override;
  std::optional<std::string> HashUnder(absl::string_view key_id,
                                       absl::string_view text) const override;

 private:
  const SecretKeys& keys_;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_CONFIG_AUDIT_KEYS_H_
