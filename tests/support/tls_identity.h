#ifndef LOGEXPORT_TESTS_SUPPORT_TLS_IDENTITY_H_
#define LOGEXPORT_TESTS_SUPPORT_TLS_IDENTITY_H_

#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace logexport {

// A certificate that vouches for itself, and its key: both in PEM form. Trusting the certificate as
// an authority makes it valid.
struct TlsIdentity {
  std::string certificate;
  std::string key;
};

struct TlsIdentityOptions {
  // Host names and IP addresses the certificate is for.
  std::vector<std::string> names = {"localhost", "127.0.0.1"};
  absl::Time not_before = absl::Now() - absl::Hours(24);
  absl::Time not_after = absl::Now() + absl::Hours(24);
};

TlsIdentity MakeTlsIdentity(const TlsIdentityOptions& options = {});

}  // namespace logexport

#endif  // LOGEXPORT_TESTS_SUPPORT_TLS_IDENTITY_H_
