#include "client/cli/text_table.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

#include "service/base/shown_text.h"
#include "service/base/utf8.h"

namespace logexport::cli {
namespace {

constexpr std::size_t kGap = 2;
constexpr std::size_t kLeastProse = 12;

bool IsContinuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

// The first `count` code points.
absl::string_view Prefix(absl::string_view text, std::size_t count) {
  std::size_t i = 0;
  while (i < text.size() && (count > 0 || IsContinuation(text[i]))) {
    if (!IsContinuation(text[i])) --count;
    ++i;
  }
  return text.substr(0, i);
}

struct Measured {
  TextColumn column;
  std::size_t width = 0;
  bool prose = false;
};

Measured Measure(TextColumn column) {
  Measured measured;
  measured.width = DisplayWidth(column.header);
  for (const std::string& cell : column.cells) {
    measured.width = std::max(measured.width, DisplayWidth(cell));
    measured.prose = measured.prose || absl::StrContains(cell, ' ');
  }
  measured.prose = measured.prose && !column.right_aligned;
  measured.column = std::move(column);
  return measured;
}

std::size_t TotalWidth(const std::vector<Measured>& columns) {
  std::size_t total = columns.empty() ? 0 : kGap * (columns.size() - 1);
  for (const Measured& column : columns) total += column.width;
  return total;
}

std::size_t LeastWidth(const Measured& column) {
  if (!column.prose) return column.width;
  return std::min(column.width, std::max(kLeastProse, DisplayWidth(column.column.header)));
}

void Fit(std::vector<Measured>& columns, std::size_t width) {
  const auto least_total = [&] {
    std::size_t total = kGap * (columns.size() - 1);
    for (const Measured& column : columns) total += LeastWidth(column);
    return total;
  };
  while (columns.size() > 1 && least_total() > width) columns.pop_back();
  // Prose pays, each column in proportion to what it has: what says most keeps most.
  std::vector<std::size_t> whole;
  for (const Measured& column : columns) whole.push_back(column.width);
  while (TotalWidth(columns) > width) {
    Measured* payer = nullptr;
    double most = 0;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const double left = static_cast<double>(columns[i].width) / static_cast<double>(whole[i]);
      if (columns[i].width > LeastWidth(columns[i]) && left > most) {
        payer = &columns[i];
        most = left;
      }
    }
    if (payer == nullptr) break;
    --payer->width;
  }
}

void AppendCell(const Measured& column, const std::string& cell, bool last, std::string& line) {
  std::string text = cell;
  if (DisplayWidth(text) > column.width && column.prose) {
    text = absl::StrCat(absl::StripTrailingAsciiWhitespace(Prefix(text, column.width - 1)), "…");
  }
  const std::size_t used = DisplayWidth(text);
  const std::string padding(column.width > used ? column.width - used : 0, ' ');
  if (column.column.right_aligned) {
    absl::StrAppend(&line, padding, text);
  } else {
    absl::StrAppend(&line, text, last ? "" : padding);
  }
  if (!last) line.append(kGap, ' ');
}

}  // namespace

std::size_t DisplayWidth(absl::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return !IsContinuation(c); }));
}

std::string LayOutTable(std::vector<TextColumn> columns, std::size_t width, std::size_t indent,
                        LongProse long_prose) {
  std::vector<Measured> measured;
  for (TextColumn& column : columns) measured.push_back(Measure(std::move(column)));
  if (width > 0) Fit(measured, width > indent ? width - indent : 1);
  if (measured.empty()) return "";
  std::string text;
  const std::size_t rows = measured.front().column.cells.size();
  for (std::size_t row = 0; row <= rows; ++row) {  // 0 is the header
    std::vector<std::vector<std::string>> cells;
    std::size_t lines = 1;
    for (const Measured& column : measured) {
      const std::string& cell = row == 0 ? column.column.header : column.column.cells[row - 1];
      const bool wrap = long_prose == LongProse::kWrap && column.prose;
      cells.push_back(
          absl::StrSplit(wrap ? WrapText(cell, column.width, 0) : cell, absl::ByChar('\n')));
      lines = std::max(lines, cells.back().size());
    }
    for (std::size_t n = 0; n < lines; ++n) {
      std::string line(indent, ' ');
      for (std::size_t i = 0; i < measured.size(); ++i) {
        AppendCell(measured[i], n < cells[i].size() ? cells[i][n] : "", i + 1 == measured.size(),
                   line);
      }
      absl::StrAppend(&text, absl::StripTrailingAsciiWhitespace(line), "\n");
    }
  }
  return text;
}

std::string WrapText(absl::string_view text, std::size_t width, std::size_t indent) {
  std::string wrapped;
  const std::string line_end = absl::StrCat("\n", std::string(indent, ' '));
  bool first_line = true;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    if (!first_line) wrapped += line_end;
    first_line = false;
    std::size_t used = 0;
    for (const absl::string_view word : absl::StrSplit(line, ' ', absl::SkipEmpty())) {
      const std::size_t length = DisplayWidth(word);
      if (used > 0 && used + 1 + length > width) {
        wrapped += line_end;
        used = 0;
      } else if (used > 0) {
        wrapped += ' ';
        ++used;
      }
      absl::StrAppend(&wrapped, word);
      used += length;
    }
  }
  return wrapped;
}

std::string WrapLines(absl::string_view text, std::size_t width) {
  std::vector<std::string> lines;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    const std::size_t indent = std::min(line.find_first_not_of(' '), line.size());
    lines.push_back(DisplayWidth(line) <= width || indent >= width
                        ? std::string(line)
                        : absl::StrCat(line.substr(0, indent),
                                       WrapText(line.substr(indent), width - indent, indent)));
  }
  return absl::StrJoin(lines, "\n");
}

std::string Printable(absl::string_view text) {
  const std::string valid = ReplaceInvalidUtf8(text);
  std::string printable;
  std::size_t copied = 0;
  for (HiddenCharacter hidden = FindHidden(valid); hidden.found();
       hidden = FindHidden(valid, copied)) {
    printable.append(valid, copied, hidden.begin - copied);
    copied = hidden.begin + hidden.length;
    const auto code = static_cast<unsigned int>(hidden.code_point);
    if (code == '\n') {
      printable += "\\n";
    } else if (code == '\t') {
      printable += ' ';
    } else if (code < 0x80) {
      absl::StrAppendFormat(&printable, "\\x%02x", code);
    } else {
      absl::StrAppendFormat(&printable, "\\u%04x", code);
    }
  }
  printable.append(valid, copied);
  return printable;
}

}  // namespace logexport::cli
