#ifndef LOGEXPORT_SERVICE_API_TOKEN_AUTHENTICATOR_H_
#define LOGEXPORT_SERVICE_API_TOKEN_AUTHENTICATOR_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"

#include "service/api/authenticator.h"
#include "service/api/file_stamp.h"
#include "service/base/mutex.h"

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

// Knows callers by the bearer token in their `authorization` metadata. The file is read again when
// it changes; a change that cannot be read is logged and leaves the tokens as they were.
// Thread-safe.
class TokenAuthenticator final : public Authenticator {
 public:
  static absl::StatusOr<std::unique_ptr<TokenAuthenticator>> Create(const std::string& path);

  absl::StatusOr<Identity> Identify(const grpc::ServerContext& context) override;

 private:
  explicit TokenAuthenticator(std::string path) : path_(std::move(path)) {}
  absl::Status Load() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::string path_;
  Mutex mutex_;
  FileStamp stamp_ ABSL_GUARDED_BY(mutex_);
  std::vector<KnownToken> tokens_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_API_TOKEN_AUTHENTICATOR_H_
