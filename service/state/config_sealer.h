#ifndef LOGEXPORT_SERVICE_STATE_CONFIG_SEALER_H_
#define LOGEXPORT_SERVICE_STATE_CONFIG_SEALER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace logexport {

// A secret of a configuration as the store keeps it: encrypted, one row for each value it ever had.
struct SealedSecret {
  std::string exporter;
  std::string field;  // dotted path in the configuration
  std::int64_t version = 0;
  std::string key_id;
  std::string box;  // base64
};

// Keeps secrets out of the configurations in the store. The store hands each configuration that it
// writes or reads to the sealer and keeps what the sealer makes of it; only the sealer knows which
// settings are secrets and how they are encrypted. Thread-safe.
class ConfigSealer {
 public:
  virtual ~ConfigSealer() = default;

  struct Sealed {
    std::string config;               // with references in place of the secrets
    std::vector<SealedSecret> fresh;  // to be stored along with it
  };
  // `known` are the secrets that the exporter has in the store. A secret that is among them is
  // referred to and not stored again.
  virtual absl::StatusOr<Sealed> Seal(absl::string_view exporter, absl::string_view config,
                                      const std::vector<SealedSecret>& known) const = 0;

  // Whether the text from the store holds references, so that Open needs the secrets.
  virtual bool IsSealed(absl::string_view config) const = 0;

  // The inverse of Seal. DATA_LOSS when a secret is missing or damaged, FAILED_PRECONDITION when
  // its key is.
  virtual absl::StatusOr<std::string> Open(absl::string_view exporter, absl::string_view config,
                                           const std::vector<SealedSecret>& known) const = 0;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_STATE_CONFIG_SEALER_H_
