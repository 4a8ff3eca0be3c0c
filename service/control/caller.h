#ifndef LOGEXPORT_SERVICE_CONTROL_CALLER_H_
#define LOGEXPORT_SERVICE_CONTROL_CALLER_H_

#include <stop_token>
#include <string>

#include "absl/time/time.h"

#include "service/state/records.h"

namespace logexport {

// Who makes a call, as far as the transport could tell.
struct Caller {
  std::string name;       // a token's or certificate's name, else the peer's address
  bool verified = false;  // false when it is only the address

  // For the audit: what the caller may do ("OPERATOR"), where the call comes from as the transport
  // names it, which way ("grpc", "http", "console"), and its id in the log.
  std::string role = {};
  std::string address = {};
  std::string way = {};
  std::string call_id = {};

  Audit AuditWith(std::string reason) const { return {name, verified, std::move(reason)}; }
};

// How long a call may wait for others.
struct CallLimits {
  absl::Duration deadline = absl::InfiniteDuration();  // Clock::Monotonic
  // Requested when the service ends; the call then fails with SHUTTING_DOWN.
  std::stop_token stop;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_CONTROL_CALLER_H_
