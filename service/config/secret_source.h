#ifndef LOGEXPORT_SERVICE_CONFIG_SECRET_SOURCE_H_
#define LOGEXPORT_SERVICE_CONFIG_SECRET_SOURCE_H_

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace logexport {

// The value of an environment variable, or nothing when it is not set.
using EnvironmentLookup = std::function<std::optional<std::string>(absl::string_view name)>;

// Looks variables up in the environment of this process, which nobody may change meanwhile.
EnvironmentLookup ProcessEnvironment();

// The names of all its variables.
std::vector<std::string> ProcessEnvironmentNames();

// How a secret is written in a configuration: as itself, or as a reference `env:NAME` or
// `file:/path`.
struct SecretSource {
  enum class Kind { kLiteral, kEnvironment, kFile };
  Kind kind = Kind::kLiteral;
  // NAME or path, as written; empty for a literal.
  std::string name;

  bool reference() const { return kind != Kind::kLiteral; }
};
SecretSource ParseSecretSource(absl::string_view text);

// Whether the reference is well-formed: a variable's name, an absolute path. Literals are.
absl::Status CheckSecretSource(const SecretSource& source);

// The file that `path` leads to, with links followed and dots taken out; of what does not exist,
// the path is taken as it is. Empty when it cannot be told.
std::string FileBehind(const std::string& path);

// What a stored literal looks like to readers; sent back, it stands for what is stored.
inline constexpr absl::string_view kMaskedSecret = "********";

// Twelve hex digits that are equal for equal secrets, to notice a change without keeping the value.
// Not for showing: a short secret could be found by trying.
std::string SecretFingerprint(absl::string_view secret);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_CONFIG_SECRET_SOURCE_H_
