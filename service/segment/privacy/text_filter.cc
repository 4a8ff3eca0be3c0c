#include "service/segment/privacy/text_filter.h"

#include <algorithm>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace logexport {
namespace {

constexpr std::size_t kGram = 4;
// More would fill the table for little: each step less is looked up.
constexpr std::size_t kLongestStep = 8;
constexpr std::size_t kUsualValues = 8;

enum : std::uint8_t { kOrdinary = 0, kMark = 1, kToken = 2 };

constexpr std::array<std::uint8_t, 256> kMarks = [] {
  std::array<std::uint8_t, 256> marks{};
  for (const char c : {'%', '\\', '+', '|', '@'}) marks[static_cast<unsigned char>(c)] = kMark;
  marks['J'] = kToken;  // of "eyJ"
  return marks;
}();

#if defined(__SSE2__)
// The marks in 16 bytes.
std::uint8_t MarksIn(const char* text) {
  const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text));
  const auto is = [block](char c) { return _mm_cmpeq_epi8(block, _mm_set1_epi8(c)); };
  const __m128i marks = _mm_or_si128(_mm_or_si128(_mm_or_si128(is('%'), is('\\')), is('+')),
                                     _mm_or_si128(is('|'), is('@')));
  return static_cast<std::uint8_t>((_mm_movemask_epi8(marks) != 0 ? kMark : 0) |
                                   (_mm_movemask_epi8(is('J')) != 0 ? kToken : 0));
}
#endif

std::uint8_t MarksOf(absl::string_view text) {
  std::uint8_t marks = 0;
#if defined(__SSE2__)
  constexpr std::size_t kBlock = 16;
  if (text.size() >= kBlock) {
    for (std::size_t i = 0; i + kBlock < text.size(); i += kBlock) marks |= MarksIn(&text[i]);
    return marks | MarksIn(text.data() + text.size() - kBlock);
  }
#endif
  for (const char c : text) marks |= kMarks[static_cast<unsigned char>(c)];
  return marks;
}

// Letters in lower case. Some other bytes become others, too, which only makes more texts look as
// if they held a value.
std::uint32_t Folded(const char* text) {
  std::uint32_t gram = 0;
  std::memcpy(&gram, text, kGram);
  return gram | 0x20202020u;
}

std::size_t Slot(std::uint32_t gram) { return gram * 0x9E3779B1u >> 20; }

}  // namespace

void TextFilter::Add(absl::string_view value) {
  if (values_.empty()) values_.reserve(kUsualValues);
  values_.emplace_back(value);
  if (values_.size() == 1 || value.size() < shortest_) {
    shortest_ = value.size();
    step_ = shortest_ < kGram ? 0 : std::min(kLongestStep, shortest_ - kGram + 1);
    table_.fill(0);
    for (const std::string& each : values_) AddToTable(each);
  } else {
    AddToTable(value);
  }
}

void TextFilter::AddToTable(absl::string_view value) {
  // Wherever a value stands, one of the places looked at is among its first `step_`.
  for (std::size_t i = 0; i < step_; ++i) {
    const std::size_t slot = Slot(Folded(value.data() + i));
    table_[slot / 64] |= std::uint64_t{1} << slot % 64;
  }
}

bool TextFilter::InTable(std::uint32_t four_bytes) const {
  const std::size_t slot = Slot(four_bytes);
  return (table_[slot / 64] >> slot % 64 & 1) != 0;
}

bool TextFilter::MayHold(absl::string_view text) const {
  const std::uint8_t marks = MarksOf(text);
  if ((marks & kMark) != 0) return true;
  if ((marks & kToken) != 0 && text.find("eyJ") != absl::string_view::npos) return true;
  if (text.size() < shortest_ || values_.empty()) return false;
  if (step_ == 0) return true;
  for (std::size_t i = 0; i + kGram <= text.size(); i += step_) {
    if (InTable(Folded(text.data() + i))) return true;
  }
  return false;
}

}  // namespace logexport
