#include "service/state/postgresql/stored_text.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "service/base/utf8.h"

namespace logexport {
namespace {

constexpr absl::string_view kMark = "\xee\x80\x80";
constexpr std::size_t kLongestCharacter = 4;

void AppendMarked(unsigned char byte, std::string* out) {
  absl::StrAppend(out, kMark, absl::Hex(byte, absl::kZeroPad2));
}

// The length of the well-formed character that `text` begins with, or 0.
std::size_t CharacterAt(absl::string_view text) {
  for (std::size_t length = 1; length <= std::min(kLongestCharacter, text.size()); ++length) {
    if (IsValidUtf8(text.substr(0, length))) return length;
  }
  return 0;
}

bool IsDigit(char c) { return absl::ascii_isxdigit(static_cast<unsigned char>(c)); }

}  // namespace

std::string ToStoredText(absl::string_view text) {
  const bool has_nul = text.find('\0') != absl::string_view::npos;
  if (!has_nul && !absl::StrContains(text, kMark) && IsValidUtf8(text)) return std::string(text);
  std::string stored;
  while (!text.empty()) {
    const std::size_t length = CharacterAt(text);
    const absl::string_view character = text.substr(0, std::max<std::size_t>(1, length));
    if (length == 0 || character.front() == '\0' || character == kMark) {
      for (const char byte : character) AppendMarked(static_cast<unsigned char>(byte), &stored);
    } else {
      absl::StrAppend(&stored, character);
    }
    text.remove_prefix(character.size());
  }
  return stored;
}

std::string FromStoredText(std::string stored) {
  std::size_t at = stored.find(kMark.data(), 0, kMark.size());
  if (at == std::string::npos) return stored;
  std::string text = stored.substr(0, at);
  while (at < stored.size()) {
    absl::string_view rest = absl::string_view(stored).substr(at);
    if (!absl::StartsWith(rest, kMark)) {
      text += rest.front();
      ++at;
      continue;
    }
    rest.remove_prefix(kMark.size());
    if (rest.size() < 2 || !IsDigit(rest[0]) || !IsDigit(rest[1])) break;
    text += absl::HexStringToBytes(rest.substr(0, 2));
    at += kMark.size() + 2;
  }
  return text;
}

std::string ToStoredJson(absl::string_view json) {
  std::string stored;
  for (std::size_t i = 0; i < json.size(); ++i) {
    if (json[i] != '\\' || i + 1 == json.size()) {
      stored += json[i];
    } else if (absl::StartsWith(json.substr(i), "\\u0000")) {
      AppendMarked(0, &stored);
      i += 5;
    } else {
      // Also of an escaped backslash, behind which `u0000` is a text.
      absl::StrAppend(&stored, json.substr(i, 2));
      ++i;
    }
  }
  return stored;
}

}  // namespace logexport
