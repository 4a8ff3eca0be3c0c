#include "service/segment/privacy/folded_text.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

#include "service/json/json_text.h"

namespace logexport {
namespace {

// An encoded URL inside an encoded URL inside a logged body is as far as it goes in practice.
constexpr std::size_t kMaxLayers = 4;

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// What is encoded at the start of `text`: its length there (0 if nothing is), and what it means.
struct Encoded {
  std::size_t length = 0;
  std::string meaning;
};

bool IsHighSurrogateEscape(absl::string_view text) {
  return text.size() >= 12 && (text[2] | 0x20) == 'd' && HexValue(text[3]) >= 8 &&
         HexValue(text[3]) <= 0xB;
}

Encoded ReadEncoded(absl::string_view text) {
  if (text[0] == '%' && text.size() >= 3) {
    const int high = HexValue(text[1]);
    const int low = HexValue(text[2]);
    if (high >= 0 && low >= 0) return {3, std::string(1, static_cast<char>(high * 16 + low))};
  }
  if (text[0] == '\\' && text.size() >= 2) {
    const std::size_t length = text[1] != 'u' ? 2 : IsHighSurrogateEscape(text) ? 12 : 6;
    const absl::string_view escape = text.substr(0, length);
    if (escape.size() == length && CheckStringContent(escape) == JsonSoundness::kSound) {
      return {length, Unescape(escape)};
    }
  }
  return {};
}

}  // namespace

FoldedText::FoldedText(absl::string_view text)
    : original_(text), text_(absl::AsciiStrToLower(text)) {}

std::optional<FoldedText> FoldedText::Decoded() const {
  const absl::string_view before = exact();
  if (!absl::StrContains(before, '%') && !absl::StrContains(before, '\\')) return std::nullopt;
  std::string text;
  std::vector<Span> spans;
  spans.reserve(before.size());
  bool decoded = false;
  for (std::size_t i = 0; i < before.size();) {
    const Encoded encoded = ReadEncoded(before.substr(i));
    const std::size_t length = encoded.length == 0 ? 1 : encoded.length;
    const Span span{static_cast<std::uint32_t>(OriginalBegin(i)),
                    static_cast<std::uint32_t>(OriginalEnd(i + length))};
    if (encoded.length == 0) {
      text.push_back(before[i]);
      spans.push_back(span);
    } else {
      decoded = true;
      text += encoded.meaning;
      spans.insert(spans.end(), encoded.meaning.size(), span);
    }
    i += length;
  }
  if (!decoded) return std::nullopt;
  FoldedText next(text);
  next.original_ = original_;
  next.exact_ = std::move(text);
  next.spans_ = std::move(spans);
  return next;
}

FoldedLayers FoldInLayers(absl::string_view text) {
  FoldedLayers layers;
  layers.emplace_back(text);
  while (layers.size() <= kMaxLayers) {
    std::optional<FoldedText> next = layers.back().Decoded();
    if (!next.has_value()) break;
    layers.push_back(*std::move(next));
  }
  return layers;
}

}  // namespace logexport
