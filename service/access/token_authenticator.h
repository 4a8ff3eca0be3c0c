#ifndef LOGEXPORT_SERVICE_ACCESS_TOKEN_AUTHENTICATOR_H_
#define LOGEXPORT_SERVICE_ACCESS_TOKEN_AUTHENTICATOR_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"

#include "service/access/authenticator.h"
#include "service/access/file_stamp.h"
#include "service/access/token_file.h"
#include "service/base/mutex.h"

namespace logexport {

// Knows callers by the bearer token in their `authorization`. The file is read again when it
// changes. A file that is gone ends all tokens; one that cannot be used leaves them as they were.
// Both are logged.
// Thread-safe.
class TokenAuthenticator final : public Authenticator {
 public:
  static absl::StatusOr<std::unique_ptr<TokenAuthenticator>> Create(const std::string& path);

  absl::StatusOr<Identity> Identify(const IncomingCall& call) override;
  absl::StatusOr<Identity> IdentifyAgain(const Caller& caller,
                                         const Credential& credential) override;

 private:
  explicit TokenAuthenticator(std::string path) : path_(std::move(path)) {}
  absl::Status Load() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::StatusOr<Identity> FindToken(const std::string& digest);
  // Reads the file again if it may have changed.
  void Follow() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::string path_;
  Mutex mutex_;
  FileStamp stamp_ ABSL_GUARDED_BY(mutex_);
  bool settled_ ABSL_GUARDED_BY(mutex_) = false;   // the stamp shows every change
  std::string complaint_ ABSL_GUARDED_BY(mutex_);  // what was logged last about the file
  std::vector<KnownToken> tokens_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_ACCESS_TOKEN_AUTHENTICATOR_H_
