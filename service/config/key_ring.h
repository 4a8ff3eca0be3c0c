#ifndef LOGEXPORT_SERVICE_CONFIG_KEY_RING_H_
#define LOGEXPORT_SERVICE_CONFIG_KEY_RING_H_

#include <cstddef>
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

  // Reads a key file: a line `ID BASE64` for each key of 32 bytes. Empty lines, lines that begin
  // with #, and lines `audit ID BASE64` are skipped. INVALID_ARGUMENT names the line and never what
  // stands in it besides the id.
  static absl::StatusOr<KeyRing> Parse(absl::string_view text);

  bool empty() const { return keys_.empty(); }
  // The key that encrypts. Requires a ring that is not empty.
  const Key& primary() const { return keys_.front(); }
  // Null when there is no such key.
  const Key* Find(absl::string_view id) const;

 private:
  std::vector<Key> keys_;
};

// The text of a new key file with one random key.
absl::StatusOr<std::string> NewKeyFileText();

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_CONFIG_KEY_RING_H_
