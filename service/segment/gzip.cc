#include "service/segment/gzip.h"

#include <zlib.h>

namespace logexport {
namespace {

constexpr int kWindowBits = 15;
constexpr int kGzipFormat = 16;
constexpr int kMemoryLevel = 8;

}  // namespace

void Gzip(absl::string_view text, std::string* out) {
  z_stream stream{};
  // Fails only for want of memory or for wrong constants.
  if (deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, kWindowBits + kGzipFormat, kMemoryLevel,
                   Z_DEFAULT_STRATEGY) != Z_OK) {
    std::abort();
  }
  out->resize(deflateBound(&stream, text.size()));
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out->data());
  stream.avail_out = static_cast<uInt>(out->size());
  // One call does it all: the output is large enough for whatever comes out.
  if (deflate(&stream, Z_FINISH) != Z_STREAM_END) std::abort();
  out->resize(stream.total_out);
  deflateEnd(&stream);
}

}  // namespace logexport
