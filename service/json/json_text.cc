#include "service/json/json_text.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include <simdjson.h>

#include "service/base/quoted_text.h"
#include "service/base/utf8.h"

namespace logexport {
namespace {

constexpr char kReplacementEscape[] = "\\ufffd";

// The four hex digits at `text`, or -1.
int HexQuad(absl::string_view text) {
  if (text.size() < 4) return -1;
  int value = 0;
  for (const char c : text.substr(0, 4)) {
    if (!absl::ascii_isxdigit(static_cast<unsigned char>(c))) return -1;
    value = value * 16 + (c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
  }
  return value;
}

bool IsHighSurrogate(int unit) { return unit >= 0xD800 && unit <= 0xDBFF; }
bool IsLowSurrogate(int unit) { return unit >= 0xDC00 && unit <= 0xDFFF; }

// One escape sequence, or pair of them that stands for one code point.
struct Escape {
  std::size_t length = 0;  // 0: no valid escape
  int code_point = 0;      // U+FFFD for a lone surrogate
  bool lone_surrogate = false;
};

// Reads the escape at the start of `text`, which begins with a backslash.
Escape ReadEscape(absl::string_view text) {
  if (text.size() < 2) return {};
  switch (text[1]) {
    case '"':
    case '\\':
    case '/':
      return {.length = 2, .code_point = text[1]};
    case 'b':
      return {.length = 2, .code_point = '\b'};
    case 'f':
      return {.length = 2, .code_point = '\f'};
    case 'n':
      return {.length = 2, .code_point = '\n'};
    case 'r':
      return {.length = 2, .code_point = '\r'};
    case 't':
      return {.length = 2, .code_point = '\t'};
    case 'u':
      break;
    default:
      return {};
  }
  const int unit = HexQuad(text.substr(2));
  if (unit < 0) return {};
  if (IsHighSurrogate(unit) && text.size() >= 12 && text[6] == '\\' && text[7] == 'u') {
    const int low = HexQuad(text.substr(8));
    if (IsLowSurrogate(low)) {
      return {.length = 12, .code_point = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00)};
    }
  }
  if (IsHighSurrogate(unit) || IsLowSurrogate(unit)) {
    return {.length = 6, .code_point = 0xFFFD, .lone_surrogate = true};
  }
  return {.length = 6, .code_point = unit};
}

void AppendUtf8(int code_point, std::string* out) {
  const auto byte = [out](int value) { out->push_back(static_cast<char>(value)); };
  if (code_point < 0x80) {
    byte(code_point);
  } else if (code_point < 0x800) {
    byte(0xC0 | (code_point >> 6));
    byte(0x80 | (code_point & 0x3F));
  } else if (code_point < 0x10000) {
    byte(0xE0 | (code_point >> 12));
    byte(0x80 | ((code_point >> 6) & 0x3F));
    byte(0x80 | (code_point & 0x3F));
  } else {
    byte(0xF0 | (code_point >> 18));
    byte(0x80 | ((code_point >> 12) & 0x3F));
    byte(0x80 | ((code_point >> 6) & 0x3F));
    byte(0x80 | (code_point & 0x3F));
  }
}

std::size_t SkipDigits(absl::string_view text, std::size_t i) {
  while (i < text.size() && absl::ascii_isdigit(static_cast<unsigned char>(text[i]))) ++i;
  return i;
}

bool IsControl(char c) { return static_cast<unsigned char>(c) < 0x20; }

}  // namespace

std::size_t NumberLength(absl::string_view text) {
  std::size_t i = !text.empty() && text[0] == '-' ? 1 : 0;
  const std::size_t integer = i;
  i = SkipDigits(text, i);
  if (i == integer || (text[integer] == '0' && i != integer + 1)) return 0;
  if (i < text.size() && text[i] == '.') {
    const std::size_t fraction = i + 1;
    i = SkipDigits(text, fraction);
    if (i == fraction) return 0;
  }
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    ++i;
    if (i < text.size() && (text[i] == '+' || text[i] == '-')) ++i;
    const std::size_t exponent = i;
    i = SkipDigits(text, exponent);
    if (i == exponent) return 0;
  }
  return i;
}

std::size_t SoundEscapeLength(absl::string_view text) {
  const Escape escape = ReadEscape(text);
  return escape.lone_surrogate ? 0 : escape.length;
}

JsonSoundness CheckStringContent(absl::string_view escaped) {
  JsonSoundness soundness = JsonSoundness::kSound;
  for (std::size_t i = escaped.find('\\'); i != absl::string_view::npos;
       i = escaped.find('\\', i)) {
    const Escape escape = ReadEscape(escaped.substr(i));
    if (escape.length == 0) return JsonSoundness::kBroken;
    if (escape.lone_surrogate) soundness = JsonSoundness::kLoneSurrogate;
    i += escape.length;
  }
  return soundness;
}

JsonSoundness CheckScalar(absl::string_view token) {
  if (token.empty()) return JsonSoundness::kBroken;
  bool sound = false;
  switch (token[0]) {
    case '"':
      if (token.size() < 2 || token.back() != '"') return JsonSoundness::kBroken;
      return CheckStringContent(token.substr(1, token.size() - 2));
    case 't':
      sound = token == "true";
      break;
    case 'f':
      sound = token == "false";
      break;
    case 'n':
      sound = token == "null";
      break;
    default:
      sound = NumberLength(token) == token.size();
  }
  return sound ? JsonSoundness::kSound : JsonSoundness::kBroken;
}

void AppendMended(absl::string_view json, std::string* out) {
  std::size_t copied = 0;
  for (std::size_t i = json.find('\\'); i != absl::string_view::npos; i = json.find('\\', i)) {
    const Escape escape = ReadEscape(json.substr(i));
    if (escape.lone_surrogate) {
      out->append(json.data() + copied, i - copied);
      *out += kReplacementEscape;
      copied = i + escape.length;
    }
    i += escape.length == 0 ? 1 : escape.length;
  }
  out->append(json.data() + copied, json.size() - copied);
}

void AppendAsJsonText(absl::string_view json, std::string* out) {
  if (AppendJsonEscapedWithoutControls(json, out)) return;
  std::string compact(json.size(), '\0');
  std::size_t size = 0;
  if (simdjson::minify(json.data(), json.size(), compact.data(), size) != simdjson::SUCCESS) {
    // The text was cut inside a string.
    compact.assign(json.data(), json.size());
    size = static_cast<std::size_t>(std::remove_if(compact.begin(), compact.end(), IsControl) -
                                    compact.begin());
  }
  AppendJsonEscaped(absl::string_view(compact).substr(0, size), out);
}

std::string Unescape(absl::string_view escaped) {
  std::string text;
  text.reserve(escaped.size());
  std::size_t copied = 0;
  for (std::size_t i = escaped.find('\\'); i != absl::string_view::npos;
       i = escaped.find('\\', i)) {
    text.append(escaped.data() + copied, i - copied);
    const Escape escape = ReadEscape(escaped.substr(i));
    if (escape.length != 0) {
      AppendUtf8(escape.code_point, &text);
      i += escape.length;
    } else {
      ++i;
    }
    copied = i;
  }
  text.append(escaped.data() + copied, escaped.size() - copied);
  return text;
}

absl::string_view CutEscaped(absl::string_view escaped, std::size_t max_bytes) {
  if (escaped.size() <= max_bytes) return escaped;
  std::size_t fits = 0;  // everything before here is whole escapes and runs between them
  for (std::size_t i = escaped.find('\\'); i < max_bytes; i = escaped.find('\\', i)) {
    const std::size_t length = std::max<std::size_t>(1, ReadEscape(escaped.substr(i)).length);
    if (i + length > max_bytes) return escaped.substr(0, i);
    i += length;
    fits = i;
  }
  return escaped.substr(0, fits + TruncateUtf8(escaped.substr(fits), max_bytes - fits).size());
}

void AppendAsString(const JsonSlice& value, std::string* out) {
  if (value.is_string()) {
    out->append(value.text.data(), value.text.size());
    return;
  }
  out->push_back('"');
  if (!value.is_null()) AppendAsJsonText(value.text, out);
  out->push_back('"');
}

void AppendValue(const JsonSlice& value, std::string* out) {
  if (value.deep) {
    AppendAsString(value, out);
  } else {
    out->append(value.text.data(), value.text.size());
  }
}

}  // namespace logexport
