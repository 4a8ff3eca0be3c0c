#include "service/base/shown_text.h"

#include <algorithm>

#include "absl/strings/str_format.h"

namespace logexport {
namespace {

// The character at the start of `text`, if it has two or three bytes: no longer one is hidden.
struct Character {
  char32_t code_point = 0;
  std::size_t length = 1;
};

bool Continues(absl::string_view text, std::size_t i) {
  return i < text.size() && (static_cast<unsigned char>(text[i]) & 0xC0) == 0x80;
}

Character ShortCharacter(absl::string_view text) {
  const auto byte = [text](std::size_t i) {
    return static_cast<char32_t>(static_cast<unsigned char>(text[i]));
  };
  if ((byte(0) & 0xE0) == 0xC0 && Continues(text, 1)) {
    return {(byte(0) & 0x1F) << 6 | (byte(1) & 0x3F), 2};
  }
  if ((byte(0) & 0xF0) == 0xE0 && Continues(text, 1) && Continues(text, 2)) {
    return {(byte(0) & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F), 3};
  }
  return {0xFFFD, 1};
}

template <typename Replace>
std::string ReplaceHidden(absl::string_view text, Replace replace) {
  std::string shown;
  std::size_t copied = 0;
  for (HiddenCharacter hidden = FindHidden(text); hidden.found();
       hidden = FindHidden(text, copied)) {
    shown.append(text.data() + copied, hidden.begin - copied);
    replace(hidden.code_point, &shown);
    copied = hidden.begin + hidden.length;
  }
  shown.append(text.data() + copied, text.size() - copied);
  return shown;
}

}  // namespace

bool IsShown(char32_t c) {
  if (c < 0x20 || (c >= 0x7F && c < 0xA0)) return false;
  if (c == 0x061C || c == 0x200E || c == 0x200F) return false;
  return !(c >= 0x2028 && c <= 0x202E) && !(c >= 0x2066 && c <= 0x2069);
}

HiddenCharacter FindHidden(absl::string_view text, std::size_t begin) {
  for (std::size_t i = begin; i < text.size();) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte >= 0x20 && byte < 0x7F) {
      ++i;
      continue;
    }
    const Character character =
        byte < 0x80 ? Character{static_cast<char32_t>(byte), 1} : ShortCharacter(text.substr(i));
    if (!IsShown(character.code_point)) return {i, character.length, character.code_point};
    i += character.length;
  }
  return {};
}

std::string EscapeHidden(absl::string_view text, LineBreaks line_breaks) {
  return ReplaceHidden(text, [line_breaks](char32_t c, std::string* out) {
    if (c == '\n' && line_breaks == LineBreaks::kKeep) {
      out->push_back('\n');
    } else {
      absl::StrAppendFormat(out, "\\u%04x", static_cast<unsigned int>(c));
    }
  });
}

std::string BlankHidden(absl::string_view text) {
  return ReplaceHidden(text, [](char32_t, std::string* out) { out->push_back(' '); });
}

}  // namespace logexport
