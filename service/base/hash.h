#ifndef LOGEXPORT_SERVICE_BASE_HASH_H_
#define LOGEXPORT_SERVICE_BASE_HASH_H_

#include <string>

#include "absl/strings/string_view.h"

namespace logexport {

// SHA-256 of `data` as 64 lower-case hex digits.
std::string Sha256Hex(absl::string_view data);

// HMAC-SHA-256 of `data` under `key` as 64 lower-case hex digits.
std::string HmacSha256Hex(absl::string_view key, absl::string_view data);

// Compares without telling by its time where the first difference is. For secrets.
bool EqualInConstantTime(absl::string_view a, absl::string_view b);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_BASE_HASH_H_
