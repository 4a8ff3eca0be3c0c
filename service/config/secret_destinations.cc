#include "service/config/secret_destinations.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

#include "service/config/regular_file.h"
#include "service/config/secret_rules.h"

namespace logexport {
namespace {

constexpr std::size_t kLargestList = std::size_t{16} << 10;

// The hosts of the three services this program is made for; the last one is Slack's for
// authorities.
constexpr absl::string_view kOwnHosts =
    "*.auth0.com api.segment.io events.eu1.segmentapis.com hooks.slack.com hooks.slack-gov.com";

bool Matches(absl::string_view host, absl::string_view pattern) {
  if (absl::ConsumePrefix(&pattern, "*.")) {
    return absl::EndsWithIgnoreCase(host, absl::StrCat(".", pattern));
  }
  return absl::EqualsIgnoreCase(host, pattern);
}

bool IsListed(absl::string_view host, absl::string_view list) {
  const std::vector<absl::string_view> patterns =
      absl::StrSplit(list, absl::ByAnyChar(", \t\r\n"), absl::SkipEmpty());
  return std::any_of(patterns.begin(), patterns.end(),
                     [host](absl::string_view pattern) { return Matches(host, pattern); });
}

}  // namespace

SecretDestinations::SecretDestinations(EnvironmentLookup environment, std::string secret_dir,
                                       HostsByExporter named)
    : environment_(std::move(environment)),
      secret_dir_(std::move(secret_dir)),
      named_(std::move(named)) {}

std::string SecretDestinations::ListName(const SecretSource& secret) const {
  if (secret.kind == SecretSource::Kind::kEnvironment) return absl::StrCat(secret.name, "_HOSTS");
  // Beside the file itself, however a caller writes the way to it.
  const std::string file = FileBehind(secret.name);
  return absl::StrCat(file.empty() ? secret.name : file, ".hosts");
}

absl::StatusOr<std::string> SecretDestinations::ReadList(const SecretSource& secret,
                                                         const std::string& name) const {
  if (secret.kind == SecretSource::Kind::kEnvironment) {
    return environment_(name).value_or(std::string());
  }
  absl::StatusOr<std::string> list = ReadRegularFile(name, kLargestList);
  if (absl::IsNotFound(list.status())) return std::string();
  return list;
}

absl::Status SecretDestinations::Check(absl::string_view exporter, const SecretSource& secret,
                                       absl::string_view host) const {
  if (!secret.reference() || !AllowedOverApi(secret, secret_dir_)) return absl::OkStatus();
  const std::string list_name = ListName(secret);
  const absl::StatusOr<std::string> list = ReadList(secret, list_name);
  if (!list.ok()) {
    return absl::FailedPreconditionError(
        absl::StrCat("may not be sent anywhere, since the list of its hosts, ", list_name, ", ",
                     list.status().message()));
  }
  if (!absl::StripAsciiWhitespace(*list).empty()) {
    if (IsListed(host, *list)) return absl::OkStatus();
  } else {
    const auto named = named_.find(std::string(exporter));
    if (IsListed(host, kOwnHosts) ||
        (named != named_.end() && named->second.contains(absl::AsciiStrToLower(host)))) {
      return absl::OkStatus();
    }
  }
  return absl::FailedPreconditionError(absl::StrCat(
      "refers to a secret that may not be sent to ", host,
      "; send the secret itself, or let who "
      "runs the service add the host to ",
      secret.kind == SecretSource::Kind::kFile ? "the file " : "the variable ",
      secret.kind == SecretSource::Kind::kFile ? absl::StrCat(secret.name, ".hosts") : list_name));
}

}  // namespace logexport
