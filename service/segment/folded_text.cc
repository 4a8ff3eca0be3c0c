#include "service/segment/folded_text.h"

#include <utility>

#include "absl/strings/ascii.h"

#include "service/segment/json_text.h"

namespace logexport {
namespace {

// An encoded URL inside an encoded URL inside a logged body is as far as it goes in practice.
constexpr int kMaxLayers = 4;

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

bool FoldedText::MayBeEncoded(absl::string_view text) {
  return text.find_first_of("%\\") != absl::string_view::npos;
}

FoldedText::FoldedText(absl::string_view text, Decode decode) : text_(text) {
  if (decode == Decode::kAll) {
    for (int layer = 0; layer < kMaxLayers && DecodeOnce(); ++layer) {
    }
  }
  absl::AsciiStrToLower(&text_);
}

bool FoldedText::DecodeOnce() {
  if (!MayBeEncoded(text_)) return false;
  std::string text;
  std::vector<Span> spans;
  spans.reserve(text_.size());
  bool decoded = false;
  for (std::size_t i = 0; i < text_.size();) {
    const Encoded encoded = ReadEncoded(absl::string_view(text_).substr(i));
    const std::size_t length = encoded.length == 0 ? 1 : encoded.length;
    const Span span{static_cast<std::uint32_t>(OriginalBegin(i)),
                    static_cast<std::uint32_t>(OriginalEnd(i + length))};
    if (encoded.length == 0) {
      text.push_back(text_[i]);
      spans.push_back(span);
    } else {
      decoded = true;
      text += encoded.meaning;
      spans.insert(spans.end(), encoded.meaning.size(), span);
    }
    i += length;
  }
  if (!decoded) return false;
  text_ = std::move(text);
  spans_ = std::move(spans);
  return true;
}

}  // namespace logexport
