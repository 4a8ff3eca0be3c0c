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

  friend bool operator==(const KnownToken&, const KnownToken&) = default;
};

// Reads a token file: a line per token, `NAME ROLE SHA256`, where ROLE is viewer, operator or admin
// and SHA256 the hex digest of the token (`printf %s TOKEN | sha256sum`); empty lines and those
// that begin with # are left out. INVALID_ARGUMENT names every bad line, never a token; bad are
// also the digest of nothing, which `printf %s "$UNSET"` makes, and a digest that stands twice.
absl::StatusOr<std::vector<KnownToken>> ParseTokenFile(absl::string_view text);

// Reads the file. NOT_FOUND when it is not there; INVALID_ARGUMENT as above, and for a file that
// others may write (everybody, or an owner who is neither root nor this process): whoever can write
// it makes himself an admin. Messages begin with the path.
absl::StatusOr<std::vector<KnownToken>> ReadTokenFile(const std::string& path);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_ACCESS_TOKEN_FILE_H_
