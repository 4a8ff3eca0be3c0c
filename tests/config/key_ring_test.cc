#include "service/config/key_ring.h"

#include <string>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace logexport {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

std::string Line(const std::string& id, char filling, std::size_t bytes = kSecretKeyBytes) {
  return absl::StrCat(id, " ", absl::Base64Escape(std::string(bytes, filling)), "\n");
}

TEST(KeyRingTest, TheFirstKeyEncryptsAndAllAreFound) {
  const absl::StatusOr<KeyRing> ring = KeyRing::Parse(absl::StrCat(
      "# keys\n\n", Line("new", 'n'), "  ", Line("old.1", 'o'), "audit " + Line("log-1", 'a')));
  ASSERT_THAT(ring, IsOk());
  EXPECT_EQ(ring->primary().id, "new");
  EXPECT_EQ(ring->primary().bytes, std::string(kSecretKeyBytes, 'n'));
  ASSERT_NE(ring->Find("old.1"), nullptr);
  EXPECT_EQ(ring->Find("log-1"), nullptr);
  EXPECT_EQ(ring->AuditKey().id, "log-1");
  EXPECT_EQ(ring->Find("other"), nullptr);
}

TEST(KeyRingTest, MalformedFilesAreRefusedWithTheLineAndWithoutTheKey) {
  const std::string good = Line("a", 'k');
  const std::string secret = absl::Base64Escape(std::string(kSecretKeyBytes, 'k'));
  for (const std::string& text :
       {good + good, good + "one-word\n", good + "a b c\n", good + Line("b/c", 'k'),
        good + Line("b", 'k', 31), good + Line("audit b", 'k', 31), good + "audit b\n",
        good + Line("b", 'k', 33), good + "b not*base64\n"}) {
    EXPECT_THAT(KeyRing::Parse(text), StatusIs(absl::StatusCode::kInvalidArgument,
                                               AllOf(HasSubstr("line 2"), Not(HasSubstr(secret)))))
        << text;
  }
  for (const std::string& text : {std::string(), std::string("# nothing\n")}) {
    EXPECT_THAT(KeyRing::Parse(text),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("no key")));
  }
}

TEST(KeyRingTest, ANewFileHasAKeyOfItsOwn) {
  const absl::StatusOr<std::string> one = NewKeyLine();
  const absl::StatusOr<std::string> other = NewKeyLine();
  ASSERT_THAT(one, IsOk());
  ASSERT_THAT(other, IsOk());
  const absl::StatusOr<KeyRing> first = KeyRing::Parse(*one);
  const absl::StatusOr<KeyRing> second = KeyRing::Parse(*other);
  ASSERT_THAT(first, IsOk());
  ASSERT_THAT(second, IsOk());
  EXPECT_NE(first->primary().id, second->primary().id);
  EXPECT_NE(first->primary().bytes, second->primary().bytes);
}

}  // namespace
}  // namespace logexport
