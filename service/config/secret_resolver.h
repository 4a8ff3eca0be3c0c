#ifndef LOGEXPORT_SERVICE_CONFIG_SECRET_RESOLVER_H_
#define LOGEXPORT_SERVICE_CONFIG_SECRET_RESOLVER_H_

#include <optional>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "service/config/secret_destinations.h"
#include "service/config/secret_source.h"

namespace logexport {

namespace v1 {
class ExporterConfig;
}

// Reads the secrets that references stand for, anew each time, so that a rotation outside takes
// effect. Thread-safe as far as the look-up is.
class SecretResolver {
 public:
  // Secrets may be sent anywhere: for what file and environment themselves say at start.
  explicit SecretResolver(EnvironmentLookup environment);
  SecretResolver(EnvironmentLookup environment, SecretDestinations destinations);

  // The secret that `text` (literal or reference) stands for, without line breaks at its end.
  // FAILED_PRECONDITION when it cannot be read, is empty, or holds control characters. Errors name
  // the reference and never the value.
  absl::StatusOr<std::string> Resolve(absl::string_view text) const;

  // Whether `exporter` may send the secret that `text` stands for to `host`; see
  // SecretDestinations::Check.
  absl::Status MayBeSent(absl::string_view exporter, absl::string_view text,
                         absl::string_view host) const;

 private:
  absl::StatusOr<std::string> Read(absl::string_view text) const;

  EnvironmentLookup environment_;
  std::optional<SecretDestinations> destinations_;
};

// The hosts that a configuration sends secrets to: those of the tenant, the endpoint and the
// webhook, which `secrets` reads.
std::set<std::string> SecretHostsOf(const v1::ExporterConfig& config,
                                    const SecretResolver& secrets);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_CONFIG_SECRET_RESOLVER_H_
