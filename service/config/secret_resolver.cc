#include "service/config/secret_resolver.h"

#include <cstddef>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

#include "logexport/v1/config.pb.h"
#include "service/base/status_macros.h"
#include "service/config/endpoints.h"
#include "service/config/regular_file.h"
#include "service/config/schema.h"
#include "service/http/url.h"

namespace logexport {
namespace {

constexpr std::size_t kLargestSecret = 64 * 1024;

std::string Describe(const SecretSource& source) {
  switch (source.kind) {
    case SecretSource::Kind::kLiteral:
      return "the secret";
    case SecretSource::Kind::kEnvironment:
      return absl::StrCat("environment variable ", source.name);
    case SecretSource::Kind::kFile:
      return absl::StrCat("file ", source.name);
  }
  return "";
}

absl::Status Unreadable(const SecretSource& source, absl::string_view why) {
  return absl::FailedPreconditionError(absl::StrCat(Describe(source), " ", why));
}

absl::StatusOr<std::string> ReadFile(const SecretSource& source) {
  absl::StatusOr<std::string> content = ReadRegularFile(source.name, kLargestSecret);
  if (!content.ok()) return Unreadable(source, content.status().message());
  return content;
}

void AddHost(absl::string_view url, std::set<std::string>* hosts) {
  const absl::StatusOr<Url> parsed = ParseUrl(url);
  if (parsed.ok()) hosts->insert(absl::AsciiStrToLower(parsed->host));
}

}  // namespace

SecretResolver::SecretResolver(EnvironmentLookup environment)
    : environment_(std::move(environment)) {}

SecretResolver::SecretResolver(EnvironmentLookup environment, SecretDestinations destinations)
    : environment_(std::move(environment)), destinations_(std::move(destinations)) {}

absl::StatusOr<std::string> SecretResolver::Read(absl::string_view text) const {
  const SecretSource source = ParseSecretSource(text);
  if (const absl::Status form = CheckSecretSource(source); !form.ok()) {
    return absl::FailedPreconditionError(form.message());
  }
  switch (source.kind) {
    case SecretSource::Kind::kLiteral:
      return std::string(text);
    case SecretSource::Kind::kEnvironment: {
      std::optional<std::string> value = environment_(source.name);
      if (!value.has_value()) return Unreadable(source, "is not set");
      return *std::move(value);
    }
    case SecretSource::Kind::kFile:
      return ReadFile(source);
  }
  return absl::InternalError("a secret of no known kind");
}

absl::StatusOr<std::string> SecretResolver::Resolve(absl::string_view text) const {
  const SecretSource source = ParseSecretSource(text);
  ASSIGN_OR_RETURN(std::string secret, Read(text));
  while (!secret.empty() && (secret.back() == '\n' || secret.back() == '\r')) secret.pop_back();
  if (secret.empty()) return Unreadable(source, "is empty");
  for (const char c : secret) {
    // A line break in a header or a JSON body would end up as something else than the secret.
    if (absl::ascii_iscntrl(static_cast<unsigned char>(c))) {
      return Unreadable(source, "holds a line break or another control character");
    }
  }
  return secret;
}

absl::Status SecretResolver::MayBeSent(absl::string_view exporter, absl::string_view text,
                                       absl::string_view host) const {
  if (!destinations_.has_value()) return absl::OkStatus();
  return destinations_->Check(exporter, ParseSecretSource(text), host);
}

std::set<std::string> SecretHostsOf(const v1::ExporterConfig& config,
                                    const SecretResolver& secrets) {
  const v1::ExporterConfig complete = WithDefaults(config);
  std::set<std::string> hosts;
  AddHost(complete.auth0().base_url(), &hosts);
  if (const auto base_url = SegmentBaseUrl(complete.segment().endpoint()); base_url.ok()) {
    AddHost(*base_url, &hosts);
  }
  if (const auto webhook = secrets.Resolve(complete.slack().webhook()); webhook.ok()) {
    AddHost(*webhook, &hosts);
  }
  if (const auto url = secrets.Resolve(complete.webhook().url()); url.ok()) AddHost(*url, &hosts);
  return hosts;
}

}  // namespace logexport
