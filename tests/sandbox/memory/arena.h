#ifndef LOGEXPORT_TESTS_SANDBOX_MEMORY_ARENA_H_
#define LOGEXPORT_TESTS_SANDBOX_MEMORY_ARENA_H_

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <vector>

#include "absl/strings/string_view.h"

namespace logexport::sandbox {

// Bytes that are kept for as long as the arena lives and never move: millions of logs and events
// without an allocation each. Not thread-safe.
class Arena {
 public:
  char* Take(std::size_t size) {
    if (size > free_size_) {
      free_size_ = std::max(size, kChunk);
      chunks_.emplace_back(new char[free_size_]);
      free_ = chunks_.back().get();
    }
    char* const taken = free_;
    free_ += size;
    free_size_ -= size;
    return taken;
  }

  absl::string_view Copy(absl::string_view bytes) {
    char* const copy = Take(bytes.size());
    if (!bytes.empty()) {
      std::memcpy(copy, bytes.data(), bytes.size());
    }
    return {copy, bytes.size()};
  }

 private:
  static constexpr std::size_t kChunk = 4 * 1024 * 1024;

  std::vector<std::unique_ptr<char[]>> chunks_;
  char* free_ = nullptr;
  std::size_t free_size_ = 0;
};

}  // namespace logexport::sandbox

#endif  // LOGEXPORT_TESTS_SANDBOX_MEMORY_ARENA_H_
