#include "service/config/secret_box.h"

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

KeyRing Ring(const std::string& lines) {
  absl::StatusOr<KeyRing> ring = KeyRing::Parse(lines);
  EXPECT_THAT(ring, IsOk());
  return *std::move(ring);
}

std::string Line(const std::string& id, char filling) {
  return absl::StrCat(id, " ", absl::Base64Escape(std::string(kSecretKeyBytes, filling)), "\n");
}

class SecretBoxTest : public ::testing::Test {
 protected:
  const KeyRing ring_ = Ring(Line("one", '1'));
};

TEST_F(SecretBoxTest, WhatWasSealedOpensInItsPlace) {
  for (const std::string& secret :
       {std::string(), std::string("hunter2"), std::string(8192, 's'), std::string("\0\xff", 2)}) {
    const absl::StatusOr<std::string> box = SealSecret(ring_, "acme/field/1", secret);
    ASSERT_THAT(box, IsOk());
    EXPECT_THAT(OpenSecret(ring_, "acme/field/1", *box), IsOkAndHolds(secret));
    if (secret.size() < 4) continue;
    EXPECT_THAT(*box, Not(HasSubstr(secret)));
  }
}

TEST_F(SecretBoxTest, EachBoxHasAKeyOfItsOwn) {
  EXPECT_NE(*SealSecret(ring_, "x", "hunter2"), *SealSecret(ring_, "x", "hunter2"));
}

TEST_F(SecretBoxTest, ABoxThatWasMovedDoesNotOpen) {
  const std::string box = *SealSecret(ring_, "acme/field/1", "hunter2");
  for (const char* context : {"other/field/1", "acme/other/1", "acme/field/2", ""}) {
    EXPECT_THAT(OpenSecret(ring_, context, box), StatusIs(absl::StatusCode::kDataLoss));
  }
}

TEST_F(SecretBoxTest, EveryFlippedBitIsNoticed) {
  const std::string box = *SealSecret(ring_, "x", "hunter2");
  for (std::size_t byte = 0; byte < box.size(); ++byte) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string flipped = box;
      flipped[byte] = static_cast<char>(flipped[byte] ^ (1 << bit));
      EXPECT_FALSE(OpenSecret(ring_, "x", flipped).ok()) << byte << "." << bit;
    }
  }
}

TEST_F(SecretBoxTest, EveryCutIsNoticed) {
  const std::string box = *SealSecret(ring_, "x", "hunter2");
  for (std::size_t size = 0; size < box.size(); ++size) {
    EXPECT_FALSE(OpenSecret(ring_, "x", box.substr(0, size)).ok()) << size;
    EXPECT_FALSE(OpenSecret(ring_, "x", box.substr(box.size() - size)).ok()) << size;
  }
  EXPECT_FALSE(OpenSecret(ring_, "x", box + "x").ok());
}

TEST_F(SecretBoxTest, EveryKeyOfTheRingDecrypts) {
  const std::string box = *SealSecret(ring_, "x", "hunter2");
  const KeyRing rotated = Ring(Line("two", '2') + Line("one", '1'));
  EXPECT_THAT(OpenSecret(rotated, "x", box), IsOkAndHolds("hunter2"));
  EXPECT_THAT(OpenSecret(Ring(Line("two", '2')), "x", box),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("\"one\"")));
  // Another key under the same name.
  EXPECT_THAT(OpenSecret(Ring(Line("one", '2')), "x", box),
              StatusIs(absl::StatusCode::kDataLoss, AllOf(Not(HasSubstr("hunter2")))));
  EXPECT_THAT(SealSecret(KeyRing(), "x", "hunter2"),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

// Made by another program from the description in secret_box.h. Another format would make the
// secrets in every store unreadable.
TEST_F(SecretBoxTest, TheFormatIsTheOneDescribed) {
  std::string box;
  ASSERT_TRUE(absl::Base64Unescape(
      "AQNvbmUAAQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHwABAgMEBQYHCAkKCyWsvKj/23HRgZ3E+TBb1PNxvknL"
      "CXZR",
      &box));
  EXPECT_THAT(OpenSecret(ring_, "acme/field/1", box), IsOkAndHolds("hunter2"));
}

}  // namespace
}  // namespace logexport
