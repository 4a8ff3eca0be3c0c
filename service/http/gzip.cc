#include "service/http/gzip.h"

#include <new>

#include <zlib.h>

namespace logexport {

struct GzipCompressor::State {
  z_stream stream{};
};

GzipCompressor::GzipCompressor(int level) : state_(std::make_unique<State>()) {
  constexpr int kGzipWindow = 15 + 16;  // zlib: 16 more than the window's size asks for gzip
  constexpr int kMemory = 8;
  // Its only failure with these constants is a lack of memory.
  if (deflateInit2(&state_->stream, level, Z_DEFLATED, kGzipWindow, kMemory, Z_DEFAULT_STRATEGY) !=
      Z_OK) {
    throw std::bad_alloc();
  }
}

GzipCompressor::~GzipCompressor() { deflateEnd(&state_->stream); }

void GzipCompressor::Compress(absl::string_view data, std::string* out) {
  z_stream& stream = state_->stream;
  deflateReset(&stream);
  // The bound holds for one call with all input at hand, which therefore ends the stream.
  out->resize(deflateBound(&stream, data.size()));
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));
  stream.avail_in = static_cast<uInt>(data.size());
  stream.next_out = reinterpret_cast<Bytef*>(out->data());
  stream.avail_out = static_cast<uInt>(out->size());
  deflate(&stream, Z_FINISH);
  out->resize(stream.total_out);
}

}  // namespace logexport
