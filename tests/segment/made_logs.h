#ifndef LOGEXPORT_TESTS_SEGMENT_MADE_LOGS_H_
#define LOGEXPORT_TESTS_SEGMENT_MADE_LOGS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace logexport {

// Logs for golden files that are too large to be kept as files themselves: the same text each time.
std::vector<std::string> MadeLogNames();

// Nothing if there is no such log.
std::optional<std::string> MadeLog(absl::string_view name);

}  // namespace logexport

#endif  // LOGEXPORT_TESTS_SEGMENT_MADE_LOGS_H_
