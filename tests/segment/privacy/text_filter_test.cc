#include "service/segment/privacy/text_filter.h"

#include <random>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include <gtest/gtest.h>

#include "tests/support/random_seed.h"

namespace logexport {
namespace {

TEST(TextFilterTest, PassesOverWhatHoldsNothing) {
  TextFilter filter;
  filter.Add("mara lind");
  filter.Add("203.0.113.77");
  for (const char* text : {"Username-Password-Authentication", "auth0", "", "Mara", "198.51.100.9",
                           "eyes", "EYJ", "A text of more than sixteen bytes"}) {
    EXPECT_FALSE(filter.MayHold(text)) << text;
  }
  EXPECT_FALSE(TextFilter().MayHold("anything"));
}

TEST(TextFilterTest, StopsAtWhateverHasAFormOfItsOwnOrIsEncoded) {
  for (const char* text :
       {"a%41", "a\\u0041", "a+b", "a|b", "a@b", "eyJ", "sixteen bytes and then a | bar",
        "more than sixteen bytes, then eyJh"}) {
    EXPECT_TRUE(TextFilter().MayHold(text)) << text;
  }
}

TEST(TextFilterTest, StopsAtAnyTextWhenAValueIsTooShortToTell) {
  TextFilter filter;
  filter.Add("mara lind");
  filter.Add("al");
  EXPECT_TRUE(filter.MayHold("anything"));
  EXPECT_FALSE(filter.MayHold("x"));
}

TEST(TextFilterTest, NeverPassesOverAValue) {
  std::mt19937_64 random(RandomSeed());
  const auto text = [&random](std::size_t size) {
    constexpr absl::string_view kBytes = "abcdefghz 0123456789-.\xc3\xab~{[^_";
    std::string made;
    for (std::size_t i = 0; i < size; ++i) made.push_back(kBytes[random() % kBytes.size()]);
    return made;
  };
  for (int i = 0; i < 5000; ++i) {
    TextFilter filter;
    std::string value;
    const std::size_t values = 1 + random() % 6;
    for (std::size_t v = 0; v < values; ++v) {
      const std::string made = text(1 + random() % 30);
      filter.Add(made);
      if (v == 0 || random() % 2 == 0) value = made;
    }
    if (random() % 2 == 0) value = absl::AsciiStrToUpper(value);
    const std::string hay = absl::StrCat(text(random() % 40), value, text(random() % 40));
    ASSERT_TRUE(filter.MayHold(hay)) << value << " in " << hay;
  }
}

}  // namespace
}  // namespace logexport
