#ifndef LOGEXPORT_SERVICE_CONFIG_REGULAR_FILE_H_
#define LOGEXPORT_SERVICE_CONFIG_REGULAR_FILE_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"

namespace logexport {

// The content of a regular file. Pipes and devices are refused, since opening them could block for
// ever; links are followed. NOT_FOUND, PERMISSION_DENIED, INVALID_ARGUMENT (larger than
// `max_bytes`, not a regular file); messages read as the end of a sentence about the file and do
// not name it: "does not exist".
absl::StatusOr<std::string> ReadRegularFile(const std::string& path, std::size_t max_bytes);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_CONFIG_REGULAR_FILE_H_
