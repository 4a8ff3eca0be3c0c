#ifndef LOGEXPORT_SERVICE_BASE_HASH_H_
#define LOGEXPORT_SERVICE_BASE_HASH_H_

#include <memory>
#include <string>

#include "absl/strings/string_view.h"

namespace logexport {

// SHA-256 of `data` as 64 lower-case hex digits.
std::string Sha256Hex(absl::string_view data);

// HMAC-SHA-256 under one key. The key is taken in once, which otherwise costs several times what a
// hash of a short text does. One thread at a time.
class HmacSha256 {
 public:
  explicit HmacSha256(absl::string_view key);
  ~HmacSha256();
  HmacSha256(const HmacSha256&) = delete;
  HmacSha256& operator=(const HmacSha256&) = delete;

  // As 64 lower-case hex digits.
  std::string Hex(absl::string_view data);

 private:
  struct State;
  const std::unique_ptr<State> state_;
};

// Compares without telling by its time where the first difference is. For secrets.
bool EqualInConstantTime(absl::string_view a, absl::string_view b);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_BASE_HASH_H_
