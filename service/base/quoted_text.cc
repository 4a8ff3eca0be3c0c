#include "service/base/quoted_text.h"

#include <array>
#include <bit>
#include <cstddef>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

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

void AppendByteByByte(absl::string_view text, std::string* out) {
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

// `text` is escaped in blocks: what one becomes must fit on the stack.
constexpr std::size_t kBlock = 1024;
// Blocks gain nothing for a shorter text.
constexpr std::size_t kShortText = 32;

// Writes `text` (at most kBlock bytes) to `out` with quotes and backslashes escaped, may write up
// to 16 bytes more, and returns how many count. Sets `*controls` if there was a control character.
// In machine-written JSON every eighth byte or so is a quote: a loop over bytes mispredicts its
// branch each time and takes six times as long.
std::size_t EscapeBlock(absl::string_view text, char* out, bool* controls) {
  char* const begin = out;
  std::size_t i = 0;
#if defined(__SSE2__)
  const __m128i quote = _mm_set1_epi8('"');
  const __m128i backslash = _mm_set1_epi8('\\');
  const __m128i last_control = _mm_set1_epi8(0x1F);
  __m128i control_bytes = _mm_setzero_si128();
  for (; i + 32 <= text.size(); i += 16) {
    const char* const in = text.data() + i;
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(in));
    control_bytes =
        _mm_or_si128(control_bytes, _mm_cmpeq_epi8(_mm_min_epu8(block, last_control), block));
    auto specials = static_cast<unsigned>(_mm_movemask_epi8(
        _mm_or_si128(_mm_cmpeq_epi8(block, quote), _mm_cmpeq_epi8(block, backslash))));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out), block);
    while (specials != 0) {
      const int at = std::countr_zero(specials);
      specials &= specials - 1;
      out[at] = '\\';
      ++out;
      // The rest of the block again, one further on. Reads on into the next block, which is there.
      _mm_storeu_si128(reinterpret_cast<__m128i*>(out + at),
                       _mm_loadu_si128(reinterpret_cast<const __m128i*>(in + at)));
    }
    out += 16;
  }
  if (_mm_movemask_epi8(control_bytes) != 0) *controls = true;
#endif
  for (; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"' || c == '\\') *out++ = '\\';
    if (static_cast<unsigned char>(c) < 0x20) *controls = true;
    *out++ = c;
  }
  return static_cast<std::size_t>(out - begin);
}

}  // namespace

bool AppendJsonEscapedWithoutControls(absl::string_view text, std::string* out) {
  const std::size_t size_before = out->size();
  std::array<char, 2 * kBlock + 16> block;
  bool controls = false;
  for (std::size_t i = 0; i < text.size(); i += kBlock) {
    out->append(block.data(), EscapeBlock(text.substr(i, kBlock), block.data(), &controls));
  }
  if (controls) out->resize(size_before);
  return !controls;
}

void AppendJsonEscaped(absl::string_view text, std::string* out) {
  if (text.size() >= kShortText && AppendJsonEscapedWithoutControls(text, out)) return;
  AppendByteByByte(text, out);
}

void AppendJsonString(absl::string_view text, std::string* out) {
  out->push_back('"');
  AppendJsonEscaped(text, out);
  out->push_back('"');
}

}  // namespace logexport
