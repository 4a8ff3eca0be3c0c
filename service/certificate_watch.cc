#include "service/certificate_watch.h"

#include "service/base/logging.h"

namespace logexport {

void CertificateWatch::Tick() {
  if (!used_) return;
  if (files_.Changed()) {
    // Whoever serves with them tells of files that cannot be used.
    if (const absl::StatusOr<TlsMaterial> material = files_.Read(); material.ok()) {
      server_ = material->valid_until;
      client_ca_ = material->client_ca_valid_until;
      metrics_.CertificateExpires("server", server_);
      metrics_.CertificateExpires("client_ca", client_ca_);
      warn_again_ = -absl::InfiniteDuration();
    }
  }
  if (clock_.Monotonic() < warn_again_) return;
  warn_again_ = clock_.Monotonic() + absl::Hours(24);
  Warn("server", server_);
  Warn("client_ca", client_ca_);
}

void CertificateWatch::Warn(const char* purpose, absl::Time expires) {
  const absl::Duration left = expires - clock_.Now();
  if (left > kTellBefore) return;
  LogWarning(left > absl::ZeroDuration() ? "a TLS certificate expires soon; replace its file"
                                         : "a TLS certificate has expired; replace its file",
             {{"certificate", purpose}, {"expires", expires}});
}

}  // namespace logexport
