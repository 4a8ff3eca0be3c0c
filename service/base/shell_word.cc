#include "service/base/shell_word.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace logexport {

std::string ShellWord(absl::string_view argument) {
  const bool plain = !argument.empty() && std::all_of(argument.begin(), argument.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
           absl::string_view("-_./:=,@%+").find(c) != absl::string_view::npos;
  });
  // A dash at the start is quoted too: that does not hide it from the program, but it catches the
  // eye of the person who pastes it.
  if (plain && argument[0] != '-') return std::string(argument);
  return absl::StrCat("'", absl::StrReplaceAll(argument, {{"'", "'\\''"}}), "'");
}

}  // namespace logexport
