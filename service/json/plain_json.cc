#include "service/json/plain_json.h"

#include <array>
#include <bit>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace logexport {
namespace {

// Far from kMaxJsonDepth, from where on a value is handed out in another way.
constexpr int kMostPlainDepth = 32;

constexpr std::array<JsonKind, 256> kKindByFirst = [] {
  std::array<JsonKind, 256> kinds{};
  kinds.fill(JsonKind::kNumber);
  kinds['"'] = JsonKind::kString;
  kinds['{'] = JsonKind::kObject;
  kinds['['] = JsonKind::kArray;
  kinds['t'] = JsonKind::kBool;
  kinds['f'] = JsonKind::kBool;
  kinds['n'] = JsonKind::kNull;
  return kinds;
}();

// How many digits `at` begins with, counted up to 16.
std::size_t DigitsAt(const char* at) {
#if defined(__SSE2__)
  const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
  const __m128i digit = _mm_sub_epi8(block, _mm_set1_epi8('0'));
  const __m128i is_digit = _mm_cmpeq_epi8(_mm_min_epu8(digit, _mm_set1_epi8(9)), digit);
  return static_cast<std::size_t>(
      std::countr_one(static_cast<unsigned>(_mm_movemask_epi8(is_digit))));
#else
  std::size_t digits = 0;
  while (digits < 16 && at[digits] >= '0' && at[digits] <= '9') ++digits;
  return digits;
#endif
}

// Compares with bytes that may be behind the end of the text, but can be read.
template <std::size_t kSize>
const char* PassWord(const char* at, const char (&word)[kSize]) {
  return std::memcmp(at, word, kSize - 1) == 0 ? at + kSize - 1 : nullptr;
}

}  // namespace

const char* PlainJson::PassSpace(const char* at) const {
  while (at < end_ && (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t')) ++at;
  return at;
}

// Most logs come without white space, so that the token is looked for before that.
inline const char* PlainJson::PassToken(const char* at, char token) const {
  if (*at != token) [[unlikely]] {
    at = PassSpace(at);
    if (*at != token) return nullptr;
  }
  return at + 1;
}

inline const char* PlainJson::FindSpecial(const char* at) const {
  do {
#if defined(__SSE2__)
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(block, _mm_set1_epi8(0x1F)), block);
    const __m128i quote = _mm_cmpeq_epi8(block, _mm_set1_epi8('"'));
    const __m128i backslash = _mm_cmpeq_epi8(block, _mm_set1_epi8('\\'));
    const auto specials = static_cast<unsigned>(
        _mm_movemask_epi8(_mm_or_si128(_mm_or_si128(quote, backslash), control)));
    if (specials != 0) return at + std::countr_zero(specials);
    at += sizeof(block);
#else
    if (*at == '"' || *at == '\\' || static_cast<unsigned char>(*at) < 0x20) return at;
    ++at;
#endif
  } while (at < end_);
  return nullptr;
}

// `at` is behind the quote.
inline const char* PlainJson::PassString(const char* at) const {
  at = FindSpecial(at);
  if (at == nullptr) return nullptr;
  return *at == '"' ? at + 1 : PassEscapedString(at);
}

// `at` is the first that is special.
const char* PlainJson::PassEscapedString(const char* at) const {
  while (*at != '"') {
    if (*at != '\\' || at >= end_) return nullptr;
    const std::size_t escape = SoundEscapeLength(RestFrom(at));
    if (escape == 0) return nullptr;
    at = FindSpecial(at + escape);
    if (at == nullptr) return nullptr;
  }
  return at + 1;
}

inline const char* PlainJson::PassValue(const char* at, int depth) const {
  return *at == '"' ? PassString(at + 1) : PassOtherValue(at, depth);
}

bool PlainJson::TakeMember(absl::string_view* key, JsonSlice* value) {
  const char* const key_begin = PassToken(at_, '"');
  if (key_begin == nullptr || key_begin > end_) return false;
  const char* const key_end = FindSpecial(key_begin);
  if (key_end == nullptr || *key_end != '"') return false;
  *key = absl::string_view(key_begin, static_cast<std::size_t>(key_end - key_begin));
  at_ = PassToken(key_end + 1, ':');
  return at_ != nullptr && TakeValue(value);
}

bool PlainJson::TakeValue(JsonSlice* value) {
  const char* const begin = static_cast<unsigned char>(*at_) > ' ' ? at_ : PassSpace(at_);
  const char* const end = PassValue(begin, 1);
  if (end == nullptr) return false;
  value->text = absl::string_view(begin, static_cast<std::size_t>(end - begin));
  value->kind = kKindByFirst[static_cast<unsigned char>(*begin)];
  at_ = end;
  return true;
}

// Any value but a string that has no white space before it.
const char* PlainJson::PassOtherValue(const char* at, int depth) const {
  at = PassSpace(at);
  if (at >= end_) return nullptr;
  switch (*at) {
    case '"':
      return PassString(at + 1);
    case '{':
      return PassObject(at, depth);
    case '[':
      return PassArray(at, depth);
    case 't':
      return PassWord(at, "true");
    case 'f':
      return PassWord(at, "false");
    case 'n':
      return PassWord(at, "null");
    default:
      return PassNumber(at);
  }
}

const char* PlainJson::PassObject(const char* at, int depth) const {
  if (depth > kMostPlainDepth) return nullptr;
  if (const char* const empty = PassToken(at + 1, '}'); empty != nullptr) return empty;
  do {
    // The bracket before the first member, or the comma before another.
    at = PassToken(at + 1, '"');
    if (at == nullptr || at > end_) return nullptr;
    at = PassString(at);
    if (at == nullptr) return nullptr;
    at = PassToken(at, ':');
    if (at == nullptr) return nullptr;
    at = PassValue(at, depth + 1);
    if (at == nullptr) return nullptr;
    if (*at != ',') at = PassSpace(at);
  } while (*at == ',');
  return *at == '}' ? at + 1 : nullptr;
}

const char* PlainJson::PassArray(const char* at, int depth) const {
  if (depth > kMostPlainDepth) return nullptr;
  if (const char* const empty = PassToken(at + 1, ']'); empty != nullptr) return empty;
  do {
    if (at >= end_) return nullptr;
    at = PassValue(at + 1, depth + 1);
    if (at == nullptr) return nullptr;
    if (*at != ',') at = PassSpace(at);
  } while (*at == ',');
  return *at == ']' ? at + 1 : nullptr;
}

inline const char* PlainJson::PassNumber(const char* at) const {
  // Nearly all are whole numbers of a few digits.
  if (*at != '0') {
    const std::size_t digits = DigitsAt(at);
    const char behind = at[digits];
    if (digits > 0 && digits < 16 && behind != '.' && behind != 'e' && behind != 'E') {
      return at + digits;
    }
  }
  const std::size_t length = NumberLength(RestFrom(at));
  return length == 0 ? nullptr : at + length;
}

}  // namespace logexport
