#ifndef LOGEXPORT_SERVICE_BASE_QUOTED_TEXT_H_
#define LOGEXPORT_SERVICE_BASE_QUOTED_TEXT_H_

#include <string>

#include "absl/strings/string_view.h"

namespace logexport {

// Appends `text` to `out` as a JSON string with its quotes. UTF-8 passes through unchanged; `text`
// must be valid UTF-8 (see utf8.h) for the result to be valid JSON.
void AppendJsonString(absl::string_view text, std::string* out);

// Appends what AppendJsonString would, without the quotes.
void AppendJsonEscaped(absl::string_view text, std::string* out);

// The same if `text` holds no control characters (bytes below 0x20). Else returns false and leaves
// `out` as it was.
bool AppendJsonEscapedWithoutControls(absl::string_view text, std::string* out);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_BASE_QUOTED_TEXT_H_
