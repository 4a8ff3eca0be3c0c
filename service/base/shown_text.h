#ifndef LOGEXPORT_SERVICE_BASE_SHOWN_TEXT_H_
#define LOGEXPORT_SERVICE_BASE_SHOWN_TEXT_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace logexport {

// What may be shown to people as it is, in logs, messages and on terminals. Control characters may
// not: they steer terminals and make line breaks where there are none. That is what C0 (below
// U+0020), DEL and C1 (U+0080 to U+009F) do, and the separators of lines and paragraphs. Neither
// may characters that change the direction in which text is read (U+061C, U+200E, U+200F, U+202A to
// U+202E, U+2066 to U+2069): they make a line show something else than it holds.
bool IsShown(char32_t code_point);

// The first character of `text`, which is UTF-8, at or after `begin` that may not be shown.
struct HiddenCharacter {
  std::size_t begin = absl::string_view::npos;  // npos: there is none
  std::size_t length = 0;
  char32_t code_point = 0;

  bool found() const { return begin != absl::string_view::npos; }
};
HiddenCharacter FindHidden(absl::string_view text, std::size_t begin = 0);

// `text` with each hidden character as an escape of JSON, \u009b. Inside the strings of a JSON or
// YAML text that changes nothing for who reads it.
enum class LineBreaks { kEscape, kKeep };
std::string EscapeHidden(absl::string_view text, LineBreaks line_breaks = LineBreaks::kEscape);

// `text` on one line: a space for each hidden character.
std::string BlankHidden(absl::string_view text);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_BASE_SHOWN_TEXT_H_
