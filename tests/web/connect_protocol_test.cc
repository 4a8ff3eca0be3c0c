#include "service/web/connect_protocol.h"

#include <string>

#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace logexport {
namespace {

TEST(ConnectProtocolTest, KnowsItsContentTypes) {
  EXPECT_EQ(CodecOf("application/json", false), Codec::kJson);
  EXPECT_EQ(CodecOf("Application/JSON ; charset=UTF-8", false), Codec::kJson);
  EXPECT_EQ(CodecOf("application/proto", false), Codec::kBinary);
  EXPECT_EQ(CodecOf("application/connect+json", true), Codec::kJson);
  EXPECT_EQ(CodecOf("application/connect+proto", true), Codec::kBinary);
  for (const char* const type :
       {"", ";", "json", "application/json, application/json", "application/json;charset=latin1",
        "application/proto;charset=utf-8", "application/connect+json"}) {
    EXPECT_EQ(CodecOf(type, false), std::nullopt) << type;
  }
  EXPECT_EQ(CodecOf("application/json", true), std::nullopt);
}

TEST(ConnectProtocolTest, WrapsAndUnwraps) {
  for (const std::string& message : {std::string(), std::string("{}"), std::string(70'000, 'x')}) {
    EXPECT_THAT(Unwrap(Envelope(0, message)), IsOkAndHolds(absl::string_view(message)));
  }
  EXPECT_EQ(Envelope(2, "ab"), std::string("\2\0\0\0\2ab", 7));
}

// Every text of up to eight bytes that begins with every byte is one envelope or none.
TEST(ConnectProtocolTest, TakesNoOtherBytes) {
  for (int first = 0; first < 256; ++first) {
    for (std::size_t size = 0; size <= 8; ++size) {
      for (int length = 0; length < 5; ++length) {
        std::string body(size, '\0');
        if (size > 0) body[0] = static_cast<char>(first);
        if (size > 4) body[4] = static_cast<char>(length);
        const bool one = first == 0 && size >= 5 && size - 5 == static_cast<std::size_t>(length);
        EXPECT_EQ(Unwrap(body).ok(), one) << first << " " << size << " " << length;
      }
    }
  }
}

}  // namespace
}  // namespace logexport
