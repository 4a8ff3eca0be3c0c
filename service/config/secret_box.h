#ifndef LOGEXPORT_SERVICE_CONFIG_SECRET_BOX_H_
#define LOGEXPORT_SERVICE_CONFIG_SECRET_BOX_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "service/config/key_ring.h"

namespace logexport {

// Authenticated encryption of single secrets: AES-256-GCM with a key that HKDF-SHA256 derives anew
// for each box from a key of the ring and 32 random bytes, so that no limit on nonces applies.
//
// A box is: one byte for the format (1), the length of the key's id, the id, the 32 random bytes, a
// nonce of 12 bytes, the encrypted text, a tag of 16 bytes.

// `context` says what the secret is and where it belongs. It is not part of the box, but the box
// opens only with the same context: a box moved elsewhere does not open. The ring must not be
// empty.
absl::StatusOr<std::string> SealSecret(const KeyRing& ring, absl::string_view context,
                                       absl::string_view secret);

// The secret in the box. DATA_LOSS when the box was changed, cut, or moved to another context;
// FAILED_PRECONDITION when the ring lacks its key, which the error names.
absl::StatusOr<std::string> OpenSecret(const KeyRing& ring, absl::string_view context,
                                       absl::string_view box);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_CONFIG_SECRET_BOX_H_
