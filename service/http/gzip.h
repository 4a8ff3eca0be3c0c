#ifndef LOGEXPORT_SERVICE_HTTP_GZIP_H_
#define LOGEXPORT_SERVICE_HTTP_GZIP_H_

#include <memory>
#include <string>

#include "absl/strings/string_view.h"

namespace logexport {

// Compresses request bodies (Content-Encoding: gzip). Holds about 256 KB of working memory, used
// again by each call; one thread at a time.
class GzipCompressor {
 public:
  // `level` from 1 (fast) to 9 (small).
  explicit GzipCompressor(int level = 1);
  ~GzipCompressor();
  GzipCompressor(const GzipCompressor&) = delete;
  GzipCompressor& operator=(const GzipCompressor&) = delete;

  // Replaces `*out` by `data`, compressed, keeping the memory `*out` has.
  void Compress(absl::string_view data, std::string* out);

 private:
  struct State;
  const std::unique_ptr<State> state_;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_HTTP_GZIP_H_
