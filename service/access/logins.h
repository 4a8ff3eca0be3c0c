#ifndef LOGEXPORT_SERVICE_ACCESS_LOGINS_H_
#define LOGEXPORT_SERVICE_ACCESS_LOGINS_H_

#include <optional>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "service/access/call_gate.h"
#include "service/base/clock.h"
#include "service/base/mutex.h"
#include "service/state/store.h"

namespace logexport {

namespace v1 {
class CreateLoginRequest;
class CreateLoginResponse;
}  // namespace v1

// Ways to be known over HTTP without showing the token or certificate itself: one-time codes, the
// sessions that they or a token are exchanged for, and short-lived bearer tokens. Each is a secret
// that only its holder has; the store keeps hashes, so that a restarted service and other members
// know them. Each stands on the credential it was made with, and is worth nothing without it.
// Thread-safe.
class Logins {
 public:
  enum class Kind { kCode, kSession, kToken };

  static constexpr absl::Duration kCodeLife = absl::Seconds(60);
  static constexpr absl::Duration kTokenLife = absl::Minutes(60);
  static constexpr absl::Duration kSessionIdle = absl::Minutes(30);
  static constexpr absl::Duration kSessionLife = absl::Hours(12);
  // That have not ended: of one caller, and in all.
  static constexpr int kMostOfOne = 100;
  static constexpr int kMost = 10'000;

  // Both must outlive it.
  Logins(Store& store, Clock& clock) : store_(store), clock_(clock) {}

  // From now on links lead to `url` (scheme, host and port). Until then nobody can be logged in.
  void ServeAt(std::string url);

  // The RPC.
  //   FAILED_PRECONDITION / HTTP_OFF  before ServeAt
  //   PERMISSION_DENIED / LOGIN_NOT_ALLOWED  for a caller who came in by a login
  //   RESOURCE_EXHAUSTED / TOO_MANY_LOGINS
  absl::StatusOr<v1::CreateLoginResponse> CreateLogin(const v1::CreateLoginRequest& request,
                                                      const Call& call);

  struct Session {
    std::string secret;
    absl::Time ends;  // at the latest
  };
  // Begins a session of the caller. `code`, if he came with one, is used up by that:
  // UNAUTHENTICATED when somebody else was faster. `earlier` is the secret of a session that this
  // one replaces.
  absl::StatusOr<Session> BeginSession(const Call& call, absl::string_view code,
                                       absl::string_view earlier);
  // Ends the session of the caller. Like the two above it is in the audit, or it is not done.
  absl::Status EndSession(const Call& call, absl::string_view secret);

  // The login that a secret belongs to, if it is of that kind and has not ended. A session that is
  // used goes on. UNAUTHENTICATED for all others.
  absl::StatusOr<LoginRecord> Find(absl::string_view secret, Kind kind);

  // The kind that a secret is of by its looks; nothing for what is none of ours.
  static std::optional<Kind> KindOf(absl::string_view secret);

 private:
  // Stores a login of the caller with a new secret, and answers that.
  absl::StatusOr<std::string> Add(Transaction& tx, const Call& call, Kind kind, absl::Time expires);

  Store& store_;
  Clock& clock_;
  Mutex mutex_;
  std::string url_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_ACCESS_LOGINS_H_
