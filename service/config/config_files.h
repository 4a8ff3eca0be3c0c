#ifndef LOGEXPORT_SERVICE_CONFIG_CONFIG_FILES_H_
#define LOGEXPORT_SERVICE_CONFIG_CONFIG_FILES_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "service/config/yaml_file.h"

namespace logexport {

// The files that `path` names: itself, or those of a folder that end in .yaml or .yml, by name.
// Folders within it are left out, and what begins with a dot. Links are followed. NOT_FOUND,
// PERMISSION_DENIED, or INVALID_ARGUMENT for a folder that holds none, naming the path.
absl::StatusOr<std::vector<std::string>> ConfigFilesAt(const std::string& path);

// Reads every file that `paths` (files and folders) name, as one: an exporter may stand in any of
// them, but in one only. Errors are those of reading; what stands in the files is a violation.
absl::StatusOr<ConfigFile> ReadConfigFiles(const std::vector<std::string>& paths);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_CONFIG_CONFIG_FILES_H_
