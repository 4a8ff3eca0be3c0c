#ifndef LOGEXPORT_SERVICE_ACCESS_CALL_GATE_H_
#define LOGEXPORT_SERVICE_ACCESS_CALL_GATE_H_

#include <cstddef>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "logexport/v1/options.pb.h"
#include "logexport/v1/status.pb.h"
#include "service/access/authenticator.h"
#include "service/access/call_observer.h"
#include "service/access/caller_limits.h"
#include "service/access/failed_logins.h"
#include "service/access/incoming_call.h"
#include "service/base/clock.h"
#include "service/base/random.h"
#include "service/control/api_error.h"
#include "service/control/audited_call.h"
#include "service/control/caller.h"
#include "service/control/refused_calls.h"

namespace google::protobuf {
class Message;
}

namespace logexport {

// An admitted call, as its handler sees it.
struct Call {
  Caller caller;
  v1::Role role = v1::ROLE_UNSPECIFIED;
  // What he is known by, and whether by a login made with it.
  Credential credential = {};
  bool by_login = false;
  // The client's deadline, but not later than the service's own bound.
  CallLimits limits;
  // Names the call in the service's log and in error details.
  std::string request_id;
  // To be called with the request as soon as it is read, before anything else is done with it:
  // refuses what is too large, and keeps what the audit tells of the call should it fail.
  std::function<absl::Status(const google::protobuf::Message& request)> take;
  // UNAUTHENTICATED or PERMISSION_DENIED once the caller may not make the call any more: his token
  // is gone, his certificate has expired. For calls that go on for long.
  std::function<absl::Status()> recheck;
};

// How a call ended.
struct CallOutcome {
  absl::Status status;
  std::string request_id;
};

// The largest request that is served, in bytes.
inline constexpr std::size_t kLargestRequest = 4 << 20;

// REQUEST_TOO_LARGE for a request beyond kLargestRequest.
absl::Status CheckRequestSize(std::size_t bytes);
// The same for one that is known to be too large; without `bytes` its end has not been waited for.
absl::Status RequestTooLarge(std::optional<std::size_t> bytes = std::nullopt);
// INVALID_FIELD for a request that is missing or whose bytes are no message of its method.
absl::Status RequestUnreadable();

// What every call goes through, whatever it does and whatever way it came: who is it, may he, until
// when, and does he leave enough to others; then one line in the log. A call that its client has
// given up meanwhile does nothing. Thread-safe.
class CallGate {
 public:
  // All must outlive it. `refused` is null where nobody keeps an audit; `observer` may be null.
  CallGate(Authenticator& authenticator, Clock& clock, Random& random, RefusedCalls* refused,
           CallerLimitOptions limits = {}, CallObserver* observer = nullptr)
      : authenticator_(authenticator),
        clock_(clock),
        random_(random),
        refused_(refused),
        limit_options_(limits),
        limits_(clock, limits),
        failed_logins_(clock),
        observer_(observer) {}

  // Calls `body` if the call is admitted; everything about the request itself, reading included,
  // happens there. The status is one that the API documents (see ApiErrorOf), and that of `body`
  // where it was called.
  CallOutcome Pass(const IncomingCall& incoming, absl::FunctionRef<absl::Status(const Call&)> body);

  // What callers use at the moment, the busiest first.
  v1::CallerLoad Load() const;

  // From now on calls are refused with SHUTTING_DOWN, and those that wait for others are stopped:
  // a server waits for every handler before it ends.
  void Close() { stop_.request_stop(); }

 private:
  // `worth_a_line` becomes false for refusals that anybody can cause as often as he likes.
  absl::Status Admit(const IncomingCall& incoming, Call* call, CallerLimits::Place* place,
                     bool* worth_a_line);
  absl::StatusOr<Identity> Identify(const IncomingCall& incoming, bool* worth_a_line);
  // What a call that failed was about, as far as it was read.
  struct Taken {
    AuditedCall call;
    // The request only checks, or asks for no logs.
    bool harmless = false;
  };
  static absl::Status Take(const google::protobuf::Message& request, Taken* taken);
  void RecordRefusal(const IncomingCall& incoming, const Call& call, const Taken& taken,
                     const ApiError& error, bool worth_a_line);

  Authenticator& authenticator_;
  Clock& clock_;
  Random& random_;
  RefusedCalls* const refused_;
  const CallerLimitOptions limit_options_;
  CallerLimits limits_;
  FailedLogins failed_logins_;
  CallObserver* const observer_;
  std::stop_source stop_;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_ACCESS_CALL_GATE_H_
