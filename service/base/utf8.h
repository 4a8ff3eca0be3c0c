#ifndef LOGEXPORT_SERVICE_BASE_UTF8_H_
#define LOGEXPORT_SERVICE_BASE_UTF8_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace logexport {

bool IsValidUtf8(absl::string_view text);

// `text` with every maximal ill-formed subsequence replaced by U+FFFD (Unicode 15, 3.9).
std::string ReplaceInvalidUtf8(absl::string_view text);

// The longest prefix of `text` of at most `max_bytes` that does not cut a code point.
absl::string_view TruncateUtf8(absl::string_view text, std::size_t max_bytes);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_BASE_UTF8_H_
