#include "service/config/secret_source.h"

#include <cstddef>
#include <cstdlib>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

#include "service/base/hash.h"
#include "service/base/spelling.h"
#include "service/base/status_macros.h"
#include "service/config/regular_file.h"

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

}  // namespace

EnvironmentLookup ProcessEnvironment() {
  return [](absl::string_view name) -> std::optional<std::string> {
    const char* value = std::getenv(std::string(name).c_str());
    if (value == nullptr) return std::nullopt;
    return std::string(value);
  };
}

SecretSource ParseSecretSource(absl::string_view text) {
  if (absl::ConsumePrefix(&text, "env:")) {
    return {SecretSource::Kind::kEnvironment, std::string(text)};
  }
  if (absl::ConsumePrefix(&text, "file:")) return {SecretSource::Kind::kFile, std::string(text)};
  return {SecretSource::Kind::kLiteral, ""};
}

absl::Status CheckSecretSource(const SecretSource& source) {
  if (source.kind == SecretSource::Kind::kEnvironment) {
    bool good = !source.name.empty() &&
                !absl::ascii_isdigit(static_cast<unsigned char>(source.name.front()));
    for (const char c : source.name) {
      good = good && (absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_');
    }
    if (!good) {
      return absl::InvalidArgumentError(
          absl::StrCat("refers to the environment variable ", Quoted(source.name),
                       ", which is no name of a variable; write env:NAME"));
    }
  }
  if (source.kind == SecretSource::Kind::kFile &&
      (source.name.empty() || source.name.front() != '/' ||
       source.name.find('\0') != std::string::npos)) {
    return absl::InvalidArgumentError(
        absl::StrCat("refers to the file ", Quoted(source.name),
                     ", which is no absolute path; write file:/path/to/secret"));
  }
  return absl::OkStatus();
}

SecretResolver::SecretResolver(EnvironmentLookup environment)
    : environment_(std::move(environment)) {}

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

std::string SecretFingerprint(absl::string_view secret) {
  return Sha256Hex(absl::StrCat("logexport secret:", secret)).substr(0, 12);
}

}  // namespace logexport
