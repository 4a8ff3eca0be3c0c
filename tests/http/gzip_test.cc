#include "service/http/gzip.h"

#include <string>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <zlib.h>

#include "tests/support/random_seed.h"

namespace logexport {
namespace {

std::string Gunzip(const std::string& data, std::size_t size) {
  std::string out(size + 1, '\0');
  z_stream stream{};
  EXPECT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));
  stream.avail_in = static_cast<uInt>(data.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  EXPECT_EQ(stream.avail_in, 0u);
  out.resize(stream.total_out);
  inflateEnd(&stream);
  return out;
}

TEST(GzipTest, ShrinksARepetitiveBody) {
  const std::string data(100'000, 'x');
  std::string compressed;
  GzipCompressor().Compress(data, &compressed);
  EXPECT_LT(compressed.size(), 1000u);
  EXPECT_EQ(Gunzip(compressed, data.size()), data);
}

TEST(GzipTest, TheSameCompressorServesMany) {
  GzipCompressor gzip;
  std::string compressed;
  for (const std::string data : {"first", "", "the second, which is longer"}) {
    gzip.Compress(data, &compressed);
    EXPECT_EQ(Gunzip(compressed, data.size()), data);
  }
}

RC_GTEST_PROP(GzipPropertyTest, NothingIsLost, (const std::string& data)) {
  std::string compressed;
  GzipCompressor(*rc::gen::inRange(1, 10)).Compress(data, &compressed);
  RC_ASSERT(Gunzip(compressed, data.size()) == data);
}

}  // namespace
}  // namespace logexport
