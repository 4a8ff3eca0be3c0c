#ifndef LOGEXPORT_SERVICE_BASE_SHELL_WORD_H_
#define LOGEXPORT_SERVICE_BASE_SHELL_WORD_H_

#include <string>

#include "absl/strings/string_view.h"

namespace logexport {

// `argument` as one word of a POSIX shell's command line, for lines that a person copies: as it is
// where that is safe, else in quotes.
std::string ShellWord(absl::string_view argument);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_BASE_SHELL_WORD_H_
