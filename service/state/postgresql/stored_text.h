#ifndef LOGEXPORT_SERVICE_STATE_POSTGRESQL_STORED_TEXT_H_
#define LOGEXPORT_SERVICE_STATE_POSTGRESQL_STORED_TEXT_H_

#include <string>

#include "absl/strings/string_view.h"

namespace logexport {

// PostgreSQL's texts hold neither NUL nor ill-formed UTF-8, and some of what is stored has them:
// answers are bytes, and the logs of strangers are what they are. Such bytes, and the mark itself,
// are stored as a mark (U+E000, which is for private use) and two hexadecimal digits; all other
// texts are stored as they are. Equal texts are equal when stored.
std::string ToStoredText(absl::string_view text);

// The inverse. Of a text that was cut within a mark and its digits, what is whole.
std::string FromStoredText(std::string stored);

// The same for the strings of a JSON list, in which NUL is written \u0000.
std::string ToStoredJson(absl::string_view json);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_STATE_POSTGRESQL_STORED_TEXT_H_
