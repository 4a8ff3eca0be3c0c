#ifndef LOGEXPORT_SERVICE_CONFIG_SECRET_DESTINATIONS_H_
#define LOGEXPORT_SERVICE_CONFIG_SECRET_DESTINATIONS_H_

#include <map>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "service/config/secret_source.h"

namespace logexport {

// Hosts, in lower case, by exporter.
using HostsByExporter = std::map<std::string, std::set<std::string>>;

// Which hosts the secrets that callers of the API may refer to (variables LOGEXPORT_SECRET_*, files
// below --secret-dir) may be sent to. A caller who may refer to a secret does not know it, and must
// not learn it by having it sent to a server of their own.
//
// The hosts are listed where the secret is defined: for the variable LOGEXPORT_SECRET_X in
// LOGEXPORT_SECRET_X_HOSTS, for a file NAME in the file NAME.hosts beside it, separated by commas
// or white space; *.example.com stands for every host below example.com. Without a list a secret
// may go to Auth0's, Segment's and Slack's own hosts, and to those that file and environment named
// for the exporter when the service started.
//
// Immutable, so thread-safe as far as the look-up is; lists are read anew each time.
class SecretDestinations {
 public:
  // `secret_dir` may be empty.
  SecretDestinations(EnvironmentLookup environment, std::string secret_dir, HostsByExporter named);

  // FAILED_PRECONDITION when `secret`, which `exporter` uses, may not be sent to `host`; worded as
  // the end of a sentence about the field. Literals, and references that only file and environment
  // can set, may be sent anywhere.
  absl::Status Check(absl::string_view exporter, const SecretSource& secret,
                     absl::string_view host) const;

 private:
  // Where the list for the secret stands: the name of a variable or file.
  std::string ListName(const SecretSource& secret) const;
  // The text of the list; empty when there is none.
  absl::StatusOr<std::string> ReadList(const SecretSource& secret, const std::string& name) const;

  EnvironmentLookup environment_;
  std::string secret_dir_;
  HostsByExporter named_;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_CONFIG_SECRET_DESTINATIONS_H_
