#ifndef LOGEXPORT_TESTS_SANDBOX_AUTH0_AUTH0_SIMULATOR_H_
#define LOGEXPORT_TESTS_SANDBOX_AUTH0_AUTH0_SIMULATOR_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "tests/sandbox/auth0/log_store.h"
#include "tests/sandbox/auth0/token_bucket.h"
#include "tests/sandbox/auth0/user_directory.h"
#include "tests/sandbox/http/http_message.h"

namespace logexport::sandbox {

struct Auth0Options {
  std::string domain = "sandbox.auth0.test";
  std::string audience;  // empty: https://<domain>/api/v2/
  std::string client_id = "sandbox-client";
  std::string client_secret = "sandbox-secret";
  std::vector<std::string> scopes = {"read:logs", "read:users"};
  absl::Duration token_lifetime = absl::Hours(24);
  // The tenant's bucket; reads of logs and of users have their own where a limit is given.
  RateLimit rate_limit;
  RateLimit logs_rate_limit;
  RateLimit users_rate_limit;
  // Longer request targets get 414, as from a front end with buffers of the usual size.
  std::size_t max_target_bytes = 8192;
};

struct Auth0Counters {
  std::uint64_t tokens_issued = 0;
  std::uint64_t tokens_refused = 0;
  std::uint64_t unauthorized = 0;  // API calls with an unknown or expired token
  std::uint64_t forbidden = 0;
  std::uint64_t rate_limited = 0;
  std::uint64_t pages = 0;  // checkpoint reads that were answered, empty ones included
  std::uint64_t empty_pages = 0;
  std::uint64_t logs_served = 0;  // by checkpoint reads
  std::uint64_t search_pages = 0;
  std::uint64_t search_logs_served = 0;
  std::uint64_t profiles_served = 0;
  std::uint64_t profiles_not_found = 0;
};

// The part of Auth0 that an exporter talks to: client credentials, logs in checkpoint and search
// mode, users. Behaviour after Auth0's Management API documentation and recorded traffic of its
// SDKs. Where neither tells: `from` need not be the id of a log, and `take` without `from` starts
// at the oldest log. Not thread-safe.
class Auth0Simulator {
 public:
  // `scheme` is that of the addresses in Link headers. The stores must outlive the simulator.
  Auth0Simulator(Auth0Options options, absl::string_view scheme, const LogStore* logs,
                 const UserDirectory* users);

  HttpResponse Token(const HttpRequest& request, absl::Time now);
  HttpResponse ListLogs(const HttpRequest& request, absl::Time now);
  HttpResponse GetLog(const HttpRequest& request, absl::string_view encoded_id, absl::Time now);
  HttpResponse GetUser(const HttpRequest& request, absl::string_view encoded_id, absl::Time now);
  HttpResponse SearchUsers(const HttpRequest& request, absl::Time now);

  // Whether a request for logs is a checkpoint read and not a search.
  static bool IsCheckpointRead(const HttpRequest& request);

  // Every token handed out is unknown from now on.
  void RevokeTokens() { tokens_.clear(); }
  void ResetCounters() { counters_ = {}; }
  const Auth0Counters& counters() const { return counters_; }
  const Auth0Options& options() const { return options_; }

 private:
  // What an API call needs before anything else. True: go on; false: `response` is the refusal.
  bool Admit(const HttpRequest& request, absl::Time now, TokenBucket* bucket,
             std::initializer_list<absl::string_view> any_scope, HttpResponse* response);
  HttpResponse CheckpointPage(const HttpRequest& request);
  HttpResponse SearchPage(const HttpRequest& request);
  std::string MakeToken(absl::Time now);

  const Auth0Options options_;
  const std::string scheme_;
  const LogStore* const logs_;
  const UserDirectory* const users_;
  TokenBucket bucket_;
  TokenBucket logs_bucket_;
  TokenBucket users_bucket_;
  absl::flat_hash_map<std::string, absl::Time> tokens_;  // with their end
  std::uint64_t last_token_ = 0;
  Auth0Counters counters_;
};

}  // namespace logexport::sandbox

#endif  // LOGEXPORT_TESTS_SANDBOX_AUTH0_AUTH0_SIMULATOR_H_
