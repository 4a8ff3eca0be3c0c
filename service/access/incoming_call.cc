#include "service/access/incoming_call.h"

#include "absl/time/clock.h"

namespace logexport {

absl::Status CheckStillWanted(const IncomingCall& call) {
  if (!call.cancelled()) return absl::OkStatus();
  return call.deadline <= absl::Now()
             ? absl::DeadlineExceededError("the deadline passed before the call began")
             : absl::CancelledError("the client ended the call before it began");
}

}  // namespace logexport
