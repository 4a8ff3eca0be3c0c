#include "service/base/quoted_text.h"

#include <array>
#include <cstddef>

namespace logexport {
namespace {

// 0: copy as it is; 'u': \u00XX; anything else: backslash and that character.
constexpr std::array<char, 256> kEscapes = [] {
  std::array<char, 256> table{};
  for (std::size_t c = 0; c < 0x20; ++c) table[c] = 'u';
  table['\b'] = 'b';
  table['\f'] = 'f';
  table['\n'] = 'n';
  table['\r'] = 'r';
  table['\t'] = 't';
  table['"'] = '"';
  table['\\'] = '\\';
  return table;
}();

}  // namespace

void AppendJsonEscaped(absl::string_view text, std::string* out) {
  std::size_t copied = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const char escape = kEscapes[byte];
    if (escape == 0) [[likely]] {
      continue;
    }
    out->append(text.data() + copied, i - copied);
    copied = i + 1;
    if (escape == 'u') {
      constexpr char kHex[] = "0123456789abcdef";
      const char sequence[] = {'\\', 'u', '0', '0', kHex[byte >> 4], kHex[byte & 15]};
      out->append(sequence, sizeof(sequence));
    } else {
      const char sequence[] = {'\\', escape};
      out->append(sequence, sizeof(sequence));
    }
  }
  out->append(text.data() + copied, text.size() - copied);
}

void AppendJsonString(absl::string_view text, std::string* out) {
  out->push_back('"');
  AppendJsonEscaped(text, out);
  out->push_back('"');
}

}  // namespace logexport
