#ifndef LOGEXPORT_SERVICE_CONFIG_KEY_RING_H_
#define LOGEXPORT_SERVICE_CONFIG_KEY_RING_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace logexport {

inline constexpr std::size_t kSecretKeyBytes = 32;

// The keys that secrets in the store are encrypted with. The first one encrypts; all of them
// decrypt, so that a new key can be put in front while old secrets still need the old one.
class KeyRing {
 public:
  struct Key {
    std::string id;
    std::string bytes;  // kSecretKeyBytes of them
  };

  // An empty ring, which can neither encrypt nor decrypt.
  KeyRing() = default;

  // Reads a key file: a line `ID BASE64` for each key of 32 bytes, and `audit ID BASE64` for each
  // key that signs the audit. Empty lines and lines that begin with # are skipped. INVALID_ARGUMENT
  // names the line and never what stands in it besides the id.
  static absl::StatusOr<KeyRing> Parse(absl::string_view text);

  bool empty() const { return keys_.empty(); }
  // The key that encrypts. Requires a ring that is not empty.
  const Key& primary() const { return keys_.front(); }
  // Null when there is no such key.
  const Key* Find(absl::string_view id) const;
  const std::vector<Key>& keys() const { return keys_; }

  // Whether the file has a key for the audit. Without one the audit is signed with a key derived
  // from primary(), whose id is "derived:" and that key's.
  bool has_audit_key() const { return !audit_keys_.empty(); }
  // The key that signs the audit: the first of them. Requires a ring that is not empty.
  Key AuditKey() const;
  // Nothing when there is no such key, and no key that it is derived from.
  std::optional<Key> FindAuditKey(absl::string_view id) const;

 private:
  std::vector<Key> keys_;
  std::vector<Key> audit_keys_;
};

// The lines of a new key file: one random key for secrets, and one for the audit.
absl::StatusOr<std::string> NewKeyLine();
absl::StatusOr<std::string> NewAuditKeyLine();

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_CONFIG_KEY_RING_H_
