#ifndef LOGEXPORT_SERVICE_AUTH0_MANAGEMENT_API_H_
#define LOGEXPORT_SERVICE_AUTH0_MANAGEMENT_API_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "service/auth0/rate_budget.h"
#include "service/auth0/token_source.h"
#include "service/base/clock.h"
#include "service/export/log_source.h"
#include "service/export/settings.h"
#include "service/http/peer_clock.h"
#include "service/http/transport.h"

namespace logexport {

// Reads from one tenant's Management API: authorised, with the token renewed once when it is
// refused, the rate limit and the server's clock followed, and errors told as Failures. Shared by
// what reads logs and what reads users. Thread-safe. `transport` and `clock` must outlive this.
class Auth0Client {
 public:
  Auth0Client(const Auth0Settings& settings, int profile_share_percent, HttpTransport& transport,
              Clock& clock);

  struct Call {
    // For messages: "GET /api/v2/logs", without ids or a query.
    absl::string_view name;
    // Path and query, percent-encoded.
    std::string target;
    // What the application must be granted for it: read:logs or read:users.
    absl::string_view scope;
    // For profiles, whose calls follow a rate limit of their own.
    bool for_profiles = false;
    std::size_t max_response_bytes = std::size_t{8} << 20;
  };
  struct Answer {
    // Status 200 or one for which IsAboutTheRequest holds. Without meaning when `too_large`.
    HttpResponse response;
    // The response was larger than max_response_bytes.
    bool too_large = false;
  };
  absl::StatusOr<Answer> Get(const Call& call, const CallContext& context);

  // Whether Auth0 gives a token for the settings' credentials.
  absl::Status ProbeToken(const CallContext& context) { return tokens_.Get(context).status(); }

  // A call whose request is on its way. Destroying it breaks it off.
  struct Begun {
    std::string token;
    absl::Duration asked;  // when, by the clock's Monotonic
    std::unique_ptr<HttpExchange> exchange;
  };
  // Sends the request of a call that is to be finished later. Null when it cannot be made now; why
  // not, Get will tell.
  std::unique_ptr<Begun> Begin(const Call& call, const CallContext& context);
  // The answer to a call that was begun, as of Get. Nothing when it came to no answer or the token
  // was refused: then the call is to be made anew.
  std::optional<absl::StatusOr<Answer>> Finish(Begun& begun, const Call& call,
                                               const CallContext& context);

  // How long to wait before the next call for logs (in this lane), or for profiles.
  absl::Duration WaitForLogs(RunLane lane) const;
  absl::Duration WaitForProfiles() const;
  // Whether a call for profiles may be made beside `on_the_way` others (RateLimit::MayJoin).
  bool MayJoinForProfiles(int on_the_way) const;

  const PeerClock& server_clock() const { return server_clock_; }
  // Of the calls for logs.
  RateBudget rate_budget() const { return logs_limit_.budget(); }
  // Requests made so far, those for tokens included.
  std::int64_t requests() const;
  Clock& clock() const { return clock_; }

 private:
  absl::StatusOr<HttpRequest> MakeRequest(const Call& call, const CallContext& context,
                                          absl::string_view token) const;
  // What Get answers for `response`, which came to a request made with `token`.
  absl::StatusOr<Answer> Judge(absl::StatusOr<HttpResponse> response, const Call& call,
                               const CallContext& context, const std::string& token,
                               bool* token_rejected);

  const std::string base_url_;
  const bool accept_compressed_;
  HttpTransport& transport_;
  Clock& clock_;
  PeerClock server_clock_;
  RateLimit logs_limit_;
  RateLimit users_limit_;
  TokenSource tokens_;
  std::atomic<std::int64_t> requests_{0};
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_AUTH0_MANAGEMENT_API_H_
