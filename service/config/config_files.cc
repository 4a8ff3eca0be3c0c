#include "service/config/config_files.h"

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <map>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "service/base/spelling.h"
#include "service/base/status_macros.h"

namespace logexport {
namespace {

namespace fs = std::filesystem;

// So many files of the largest size are read in some minutes; beyond that it is no configuration.
constexpr std::size_t kMostConfigFiles = 10'000;
constexpr std::size_t kMostConfigBytes = std::size_t{256} << 20;
constexpr std::size_t kMostViolationsOfAll = 100;

absl::Status FolderError(const std::string& path, const std::error_code& error) {
  const std::string message =
      absl::StrCat("configuration folder ", path, " cannot be read: ", error.message());
  return error == std::errc::permission_denied ? absl::PermissionDeniedError(message)
                                               : absl::InvalidArgumentError(message);
}

bool IsConfigName(const std::string& name) {
  return name.front() != '.' && (absl::EndsWith(name, ".yaml") || absl::EndsWith(name, ".yml"));
}

}  // namespace

absl::StatusOr<std::vector<std::string>> ConfigFilesAt(const std::string& path) {
  std::error_code error;
  if (!fs::is_directory(path, error)) return std::vector<std::string>{path};
  std::vector<std::string> files;
  fs::directory_iterator entries(path, error);
  for (; !error && entries != fs::directory_iterator(); entries.increment(error)) {
    if (!IsConfigName(entries->path().filename().string())) continue;
    std::error_code ignored;
    if (entries->is_directory(ignored)) continue;
    files.push_back(entries->path().string());
    if (files.size() > kMostConfigFiles) {
      return absl::InvalidArgumentError(absl::StrCat(
          "configuration folder ", path, " holds more than ", kMostConfigFiles, " files"));
    }
  }
  if (error) return FolderError(path, error);
  if (files.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("configuration folder ", path, " holds no file that ends in .yaml or .yml"));
  }
  std::sort(files.begin(), files.end());
  return files;
}

absl::StatusOr<ConfigFile> ReadConfigFiles(const std::vector<std::string>& paths) {
  ConfigFile all;
  std::map<std::string, std::string> places;  // of the exporters, by id
  std::size_t bytes = 0;
  for (const std::string& path : paths) {
    ASSIGN_OR_RETURN(const std::vector<std::string> files, ConfigFilesAt(path));
    for (const std::string& name : files) {
      ASSIGN_OR_RETURN(const std::string text, ReadConfigFile(name));
      bytes += text.size();
      if (bytes > kMostConfigBytes) {
        return absl::InvalidArgumentError(absl::StrCat("the configuration files are larger than ",
                                                       kMostConfigBytes >> 20, " MiB"));
      }
      ConfigFile file = ParseConfigFile(text, name);
      for (ConfigViolation& violation : file.violations) {
        if (all.violations.size() < kMostViolationsOfAll)
          all.violations.push_back(std::move(violation));
      }
      for (PartialConfig& exporter : file.exporters) {
        const auto [it, fresh] = places.emplace(exporter.exporter, exporter.place);
        // The same id within one file was noted when it was read.
        if (!fresh && !absl::StartsWith(it->second, absl::StrCat(name, ":")) &&
            all.violations.size() < kMostViolationsOfAll) {
          all.violations.push_back(
              MakeViolationAt(exporter.place, "id",
                              absl::StrCat("is ", Quoted(exporter.exporter),
                                           ", as for an exporter in ", it->second)));
        }
        all.exporters.push_back(std::move(exporter));
      }
    }
  }
  return all;
}

}  // namespace logexport
