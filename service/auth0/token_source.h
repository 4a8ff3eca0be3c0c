#ifndef LOGEXPORT_SERVICE_AUTH0_TOKEN_SOURCE_H_
#define LOGEXPORT_SERVICE_AUTH0_TOKEN_SOURCE_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "service/base/clock.h"
#include "service/base/mutex.h"
#include "service/export/log_source.h"
#include "service/export/settings.h"
#include "service/http/peer_clock.h"
#include "service/http/transport.h"

namespace logexport {

// Access tokens for the Management API by the client-credentials grant (Auth0 docs, "Get Management
// API Access Tokens for Production"). A token is kept until shortly before it expires, across runs;
// Auth0 counts and logs each one it issues. Thread-safe: however many threads ask, one request is
// under way, and all get what it brought. Errors are Failures. `transport`, `clock` and
// `server_clock` must outlive this.
class TokenSource {
 public:
  TokenSource(const Auth0Settings& settings, HttpTransport& transport, const Clock& clock,
              PeerClock& server_clock);

  // The current token, or a new one. While a token is about to expire but still good, failing to
  // renew it is no error.
  absl::StatusOr<std::string> Get(const CallContext& context);

  // Forgets `token` because Auth0 refused it, unless another one has taken its place.
  void Drop(absl::string_view token);

  // How many times the token endpoint was asked.
  std::int64_t requests() const { return requests_.load(std::memory_order_relaxed); }

 private:
  // A request under way, or its outcome.
  struct Flight {
    bool landed = false;
    absl::Status status;
  };
  struct Token {
    std::string text;
    absl::Duration renew_at;  // on the steady clock
    absl::Duration expires_at;
  };

  absl::StatusOr<Token> Fetch(const CallContext& context);
  absl::StatusOr<Token> ParseToken(const HttpResponse& response, absl::Duration asked_at) const;
  absl::Status Await(const std::shared_ptr<Flight>& flight, const CallContext& context)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::string url_;
  const std::string request_body_;
  const std::string client_secret_;
  HttpTransport& transport_;
  const Clock& clock_;
  PeerClock& server_clock_;
  std::atomic<std::int64_t> requests_{0};

  Mutex mutex_;
  CondVar landed_;
  Token token_ ABSL_GUARDED_BY(mutex_);  // without text: none
  std::shared_ptr<Flight> flight_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_AUTH0_TOKEN_SOURCE_H_
