#include "service/base/utf8.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <random>
#include <string>

#include "absl/container/flat_hash_set.h"
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/support/random_seed.h"

namespace logexport {
namespace {

const char kReplacement[] = "\xEF\xBF\xBD";

TEST(Utf8Test, ReplacesEachMaximalIllFormedPart) {
  struct Case {
    std::string text;
    std::string replaced;
  };
  const std::string r = kReplacement;
  const Case cases[] = {
      {"", ""},
      {"plain", "plain"},
      {"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80", "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"},
      {"a\x80z", "a" + r + "z"},            // a continuation byte alone
      {"a\xC3z", "a" + r + "z"},            // a lead byte without its continuation
      {"a\xC3", "a" + r},                   // at the end
      {"a\xE2\x82z", "a" + r + "z"},        // two bytes of three are one part
      {"a\xF0\x9F\x98", "a" + r},           // three of four
      {"\xC0\xAF", r + r},                  // an overlong slash: neither byte begins anything
      {"\xE0\x80\xAF", r + r + r},          // an overlong form in three bytes
      {"\xED\xA0\x80", r + r + r},          // a surrogate
      {"\xF4\x90\x80\x80", r + r + r + r},  // beyond U+10FFFF
      {"\xF8\x88\x80\x80", r + r + r + r},  // never a lead byte
      {"\xFF\xFE", r + r},
      // The example of Unicode 15, table 3-11.
      {"\xE1\x80\xE2\xF0\x91\x92\xF1\xBF\x41", r + r + r + r + "A"},
  };
  for (const Case& each : cases) {
    EXPECT_EQ(ReplaceInvalidUtf8(each.text), each.replaced);
    EXPECT_EQ(IsValidUtf8(each.text), each.text == each.replaced);
  }
}

TEST(Utf8Test, TruncatesBetweenCodePoints) {
  const std::string text = "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80";  // 1 + 2 + 3 + 4 bytes
  const std::size_t lengths[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 10};
  for (std::size_t max = 0; max < std::size(lengths); ++max) {
    EXPECT_EQ(TruncateUtf8(text, max), text.substr(0, lengths[max])) << max;
  }
}

// Encodes every code point there is, so that "well-formed" is defined here a second time, without
// the tables of byte ranges.
std::string Encode(std::uint32_t code_point) {
  const auto byte = [](std::uint32_t value) { return static_cast<char>(value); };
  const auto tail = [&](int shift) { return byte(0x80 | ((code_point >> shift) & 0x3F)); };
  if (code_point < 0x80) return {byte(code_point)};
  if (code_point < 0x800) return {byte(0xC0 | (code_point >> 6)), tail(0)};
  if (code_point < 0x10000) return {byte(0xE0 | (code_point >> 12)), tail(6), tail(0)};
  return {byte(0xF0 | (code_point >> 18)), tail(12), tail(6), tail(0)};
}

bool IsSurrogate(std::uint32_t code_point) { return code_point >= 0xD800 && code_point <= 0xDFFF; }

TEST(Utf8Test, EveryCodePointIsValidButTheSurrogates) {
  for (std::uint32_t code_point = 0; code_point <= 0x10FFFF; ++code_point) {
    const std::string text = Encode(code_point);
    ASSERT_EQ(IsValidUtf8(text), !IsSurrogate(code_point)) << code_point;
    ASSERT_EQ(ReplaceInvalidUtf8(text) == text, !IsSurrogate(code_point)) << code_point;
  }
}

// The length of the code point that `text` begins with, or 0: decodes, encodes again and compares.
std::size_t WellFormedPrefix(absl::string_view text) {
  for (std::size_t length = 1; length <= 4 && length <= text.size(); ++length) {
    std::uint32_t code_point = static_cast<std::uint8_t>(text[0]);
    if (length > 1) code_point &= 0xFFu >> (length + 1);
    for (std::size_t i = 1; i < length; ++i) {
      code_point = (code_point << 6) | (static_cast<std::uint8_t>(text[i]) & 0x3Fu);
    }
    if (code_point <= 0x10FFFF && !IsSurrogate(code_point) &&
        Encode(code_point) == std::string(text.substr(0, length))) {
      return length;
    }
  }
  return 0;
}

// Everything longer than a byte that a code point begins with and is not all of it.
absl::flat_hash_set<std::string> Beginnings() {
  absl::flat_hash_set<std::string> beginnings;
  for (std::uint32_t code_point = 0x800; code_point <= 0x10FFFF; ++code_point) {
    if (IsSurrogate(code_point)) continue;
    const std::string text = Encode(code_point);
    for (std::size_t length = 2; length < text.size(); ++length) {
      beginnings.insert(text.substr(0, length));
    }
  }
  return beginnings;
}

// The length of the maximal part at the start of `text`, which begins ill-formed.
std::size_t IllFormedPart(absl::string_view text) {
  static const auto* const kBeginnings = new absl::flat_hash_set<std::string>(Beginnings());
  for (std::size_t length = std::min<std::size_t>(3, text.size()); length > 1; --length) {
    if (kBeginnings->contains(std::string(text.substr(0, length)))) return length;
  }
  return 1;
}

std::string ReplaceByBruteForce(absl::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t length = WellFormedPrefix(text);
    if (length > 0) {
      out.append(text.data(), length);
      text.remove_prefix(length);
    } else {
      out += kReplacement;
      text.remove_prefix(IllFormedPart(text));
    }
  }
  return out;
}

TEST(Utf8Test, AgreesWithBruteForceOnRandomBytes) {
  // The bytes at the borders of the ranges, which uniform bytes would seldom bring together.
  const char kBytes[] =
      "\x00\x41\x7F\x80\x8F\x90\x9F\xA0\xBF\xC0\xC1\xC2\xDF\xE0\xE1\xEC\xED\xEE\xEF\xF0\xF1\xF3\xF4"
      "\xF5\xFF";
  std::mt19937_64 random(RandomSeed());
  for (int i = 0; i < 20'000; ++i) {
    std::string text;
    for (std::uint64_t left = random() % 9; left > 0; --left) {
      text += kBytes[random() % (sizeof(kBytes) - 1)];
    }
    const std::string expected = ReplaceByBruteForce(text);
    ASSERT_EQ(ReplaceInvalidUtf8(text), expected) << ::testing::PrintToString(text);
    ASSERT_EQ(IsValidUtf8(text), text == expected) << ::testing::PrintToString(text);
  }
}

RC_GTEST_PROP(Utf8PropertyTest, TruncatedTextStaysValidAndLosesAtMostThreeBytes,
              (const std::string& bytes)) {
  const std::string text = ReplaceInvalidUtf8(bytes);
  const auto max = *rc::gen::inRange<std::size_t>(0, text.size() + 2);
  const absl::string_view cut = TruncateUtf8(text, max);
  RC_ASSERT(IsValidUtf8(cut));
  RC_ASSERT(cut.size() <= max);
  RC_ASSERT(cut.size() + 3 >= std::min(max, text.size()));
  RC_ASSERT(absl::string_view(text).substr(0, cut.size()) == cut);
}

}  // namespace
}  // namespace logexport
