#include "service/config/secret_source.h"

#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include <unistd.h>

#include "service/base/hash.h"
#include "service/base/spelling.h"

namespace logexport {
EnvironmentLookup ProcessEnvironment() {
  return [](absl::string_view name) -> std::optional<std::string> {
    const char* value = std::getenv(std::string(name).c_str());
    if (value == nullptr) return std::nullopt;
    return std::string(value);
  };
}

std::vector<std::string> ProcessEnvironmentNames() {
  std::vector<std::string> names;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const absl::string_view text = *entry;
    names.emplace_back(text.substr(0, text.find('=')));
  }
  return names;
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

std::string FileBehind(const std::string& path) {
  std::error_code error;
  // Where a part of the path does not exist, this only takes out the dots behind it. Links in what
  // is left are followed by the second call.
  const std::filesystem::path plain = std::filesystem::weakly_canonical(path, error);
  if (error) return "";
  const std::filesystem::path file = std::filesystem::weakly_canonical(plain, error);
  return error ? std::string() : file.string();
}

std::string SecretFingerprint(absl::string_view secret) {
  return Sha256Hex(absl::StrCat("logexport secret:", secret)).substr(0, 12);
}

}  // namespace logexport
