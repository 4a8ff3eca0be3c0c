#ifndef LOGEXPORT_SERVICE_CONFIG_SECRET_SEALER_H_
#define LOGEXPORT_SERVICE_CONFIG_SECRET_SEALER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "service/config/secret_keys.h"
#include "service/state/config_sealer.h"
#include "service/state/store.h"

namespace logexport {

// Encrypts the literal secrets of configurations (SerializeConfig's text). In the stored text
// `stored:3` stands for the third value that the setting had. References env: and file: stay.
class SecretSealer final : public ConfigSealer {
 public:
  // `keys` must outlive it.
  explicit SecretSealer(const SecretKeys& keys);

  absl::StatusOr<Sealed> Seal(absl::string_view exporter, absl::string_view config,
                              const std::vector<SealedSecret>& known) const override;
  bool IsSealed(absl::string_view config) const override;
  absl::StatusOr<std::string> Open(absl::string_view exporter, absl::string_view config,
                                   const std::vector<SealedSecret>& known) const override;

  // The same secret under the key that encrypts now.
  absl::StatusOr<SealedSecret> Reseal(const SealedSecret& secret) const;
  // The same for a secret of a store with keys of its own, those of `source`.
  absl::StatusOr<SealedSecret> ResealFrom(const SecretSealer& source,
                                          const SealedSecret& secret) const;

 private:
  const SecretKeys& keys_;
};

// Prepares the secrets of a store that was just opened: loads the key file, makes one if the store
// has no secrets yet and `may_create`, checks that every key that the store needs is there, and
// encrypts the literals that an earlier version stored, so that nothing of them is left in the
// file. What is under other keys than the first one is encrypted anew. FAILED_PRECONDITION and
// NOT_FOUND name the missing key and the file.
absl::Status PrepareSecrets(Store& store, SecretKeys& keys, const SecretSealer& sealer,
                            bool may_create);

struct ResealedSecrets {
  std::int64_t count = 0;
  // Those that cannot be read, and why; they stay as they are. The first ten of them.
  std::vector<std::string> unreadable;
  std::vector<std::string> unreadable_fields;
};

// Encrypts every secret of the store under the key that encrypts now, a few at a time, beside
// whatever else the service does. Ended at any moment, it leaves every secret readable, and the
// next call does the rest.
absl::StatusOr<ResealedSecrets> ResealSecrets(Store& store, const SecretSealer& sealer,
                                              const KeyRing& ring);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_CONFIG_SECRET_SEALER_H_
