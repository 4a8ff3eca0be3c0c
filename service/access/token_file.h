#ifndef LOGEXPORT_SERVICE_ACCESS_TOKEN_FILE_H_
#define LOGEXPORT_SERVICE_ACCESS_TOKEN_FILE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "logexport/v1/options.pb.h"

namespace logexport {

// One line of the token file.
struct KnownToken {
  std::string name;
  v1::Role role = v1::ROLE_UNSPECIFIED;
  std::string sha256;  // 64 hex digits of the token
};

// Reads a token file: a line per token, `NAME ROLE SHA256`, where ROLE is viewer, operator or admin
// and SHA256 the hex digest of the token (`printf %s TOKEN | sha256sum`); empty lines and those
// that begin with # are left out. INVALID_ARGUMENT names every bad line, never a token.
absl::StatusOr<std::vector<KnownToken>> ParseTokenFile(absl::string_view text);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_ACCESS_TOKEN_FILE_H_
