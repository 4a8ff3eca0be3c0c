#ifndef LOGEXPORT_CLIENT_CLI_TEXT_TABLE_H_
#define LOGEXPORT_CLIENT_CLI_TEXT_TABLE_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace logexport::cli {

// Text in columns. Pure functions; widths count code points.

struct TextColumn {
  std::string header;
  bool right_aligned = false;
  std::vector<std::string> cells;
};

// What becomes of prose that does not fit: cut (…), which keeps to a line per row, or wrapped.
enum class LongProse { kCut, kWrap };

// A header line and a line per row, each ended by a line end and indented by `indent`. With a
// `width`, lines keep within it: columns of prose are made narrower or, if that is not enough, the
// last columns are left out; the first is always there, and what holds no space is never cut. 0: no
// limit.
std::string LayOutTable(std::vector<TextColumn> columns, std::size_t width, std::size_t indent = 0,
                        LongProse long_prose = LongProse::kCut);

std::size_t DisplayWidth(absl::string_view text);

// The words of `text` in lines of at most `width` (a longer word stands alone), joined by line ends
// and `indent` spaces. Line ends in `text` are kept.
std::string WrapText(absl::string_view text, std::size_t width, std::size_t indent);

// The lines of `text` wrapped to `width`, each with the indentation it has. Lines that fit stay as
// they are.
std::string WrapLines(absl::string_view text, std::size_t width);

// `text` fit to be shown: characters with which data could steer a terminal or turn text round
// (service/base/shown_text.h) are escaped.
std::string Printable(absl::string_view text);

}  // namespace logexport::cli

#endif  // LOGEXPORT_CLIENT_CLI_TEXT_TABLE_H_
