#include "service/config/secret_rules.h"

#include <algorithm>
#include <filesystem>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "logexport/v1/config.pb.h"
#include "service/config/endpoints.h"
#include "service/config/schema.h"

namespace logexport {
namespace {

std::vector<std::string> ChangedAuth0Destinations(const v1::Auth0Settings& before,
                                                  const v1::Auth0Settings& after) {
  std::vector<std::string> changed;
  if (!absl::EqualsIgnoreCase(before.domain(), after.domain())) changed.push_back("auth0.domain");
  if (!SameBaseUrl(before.base_url(), after.base_url())) {
    changed.push_back("auth0.base_url");
  }
  if (before.audience() != after.audience()) changed.push_back("auth0.audience");
  return changed;
}

std::vector<std::string> ChangedSegmentDestinations(const v1::SegmentSettings& before,
                                                    const v1::SegmentSettings& after) {
  if (SameEndpoint(before.endpoint(), after.endpoint())) return {};
  return {"segment.endpoint"};
}

void RequireSecret(const std::string& secret, const std::vector<std::string>& changed, bool had_one,
                   bool given, std::vector<ConfigViolation>* violations) {
  if (changed.empty() || !had_one || given) return;
  violations->push_back(MakeViolation(
      secret,
      absl::StrCat("must be sent in the same call, since ", absl::StrJoin(changed, " and "),
                   changed.size() == 1 ? " changes" : " change",
                   ": the secret itself, or a reference to a variable ", kApiSecretPrefix,
                   "* or to a file below --secret-dir"),
      ConfigViolation::Kind::kSecretRequired));
}

}  // namespace

bool AllowedOverApi(const SecretSource& source, const std::string& secret_dir) {
  switch (source.kind) {
    case SecretSource::Kind::kLiteral:
      return true;
    case SecretSource::Kind::kEnvironment:
      return absl::StartsWith(source.name, kApiSecretPrefix);
    case SecretSource::Kind::kFile:
      break;
  }
  // A list of hosts is no secret; see secret_destinations.h.
  if (secret_dir.empty() || absl::EndsWith(source.name, ".hosts")) return false;
  // Links are followed because Kubernetes mounts every secret as one, within its folder.
  const std::filesystem::path folder = FileBehind(secret_dir);
  const std::filesystem::path file = FileBehind(source.name);
  if (folder.empty() || !file.has_filename()) return false;
  const auto [rest, unused] = std::mismatch(folder.begin(), folder.end(), file.begin(), file.end());
  return rest == folder.end() && file != folder;
}

std::vector<ConfigViolation> CheckSecretsOverApi(const v1::ExporterConfig& before,
                                                 const v1::ExporterConfig& after,
                                                 const std::set<std::string>& given_secrets,
                                                 const std::string& secret_dir) {
  std::vector<ConfigViolation> violations;
  const auto given = [&](const ConfigField& field) {
    return given_secrets.contains(field.path) &&
           AllowedOverApi(ParseSecretSource(TextOf(after, field)), secret_dir);
  };
  bool client_secret_given = false;
  bool write_key_given = false;
  bool signing_key_given = false;
  bool same_receiver = true;
  for (const ConfigField& field : ConfigFields()) {
    if (!field.secret) continue;
    if (field.path == "auth0.client_secret") client_secret_given = given(field);
    if (field.path == "segment.write_key") write_key_given = given(field);
    if (field.path == "webhook.secret") signing_key_given = given(field);
    if (field.path == "webhook.url") same_receiver = SameValue(before, after, field);
    const SecretSource source = ParseSecretSource(TextOf(after, field));
    if (SameValue(before, after, field) || AllowedOverApi(source, secret_dir)) continue;
    violations.push_back(MakeViolation(
        field.path,
        absl::StrCat("refers to ",
                     source.kind == SecretSource::Kind::kFile ? "a file outside --secret-dir"
                                                              : "a variable of another name",
                     "; over the API write a variable ", kApiSecretPrefix,
                     "*, a file below --secret-dir",
                     secret_dir.empty() ? " (which is not set)" : "", ", or the secret itself"),
        ConfigViolation::Kind::kReferenceNotAllowed));
  }
  const v1::ExporterConfig old_config = WithDefaults(before);
  const v1::ExporterConfig new_config = WithDefaults(after);
  RequireSecret("auth0.client_secret",
                ChangedAuth0Destinations(old_config.auth0(), new_config.auth0()),
                before.auth0().has_client_secret(), client_secret_given, &violations);
  RequireSecret("segment.write_key",
                ChangedSegmentDestinations(old_config.segment(), new_config.segment()),
                before.segment().has_write_key(), write_key_given, &violations);
  RequireSecret(
      "webhook.secret",
      same_receiver ? std::vector<std::string>() : std::vector<std::string>{"webhook.url"},
      before.webhook().has_secret() && after.webhook().has_url(), signing_key_given, &violations);
  return violations;
}

}  // namespace logexport
