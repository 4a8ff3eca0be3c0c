#ifndef LOGEXPORT_SERVICE_CONTROL_WRITE_ONCE_H_
#define LOGEXPORT_SERVICE_CONTROL_WRITE_ONCE_H_

#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "service/base/clock.h"
#include "service/control/caller.h"
#include "service/state/store.h"

namespace google::protobuf {
class Message;
}

namespace logexport {

// How long a repeated request gets the answer of the first.
inline constexpr absl::Duration kAnswersKept = absl::Hours(24);

// Carries out a write request in one transaction, at most once per request id: a repeated request
// gets the stored answer and `body` does not run. The answer is stored in the same transaction.
//   INVALID_ARGUMENT / REQUEST_ID_REUSED  the id came with another request or another caller
// `body` fills `response`. True if it ran now, false if the answer is the stored one.
absl::StatusOr<bool> WriteOnce(Store& store, Clock& clock, const Caller& caller,
                               absl::string_view request_id,
                               const google::protobuf::Message& request,
                               google::protobuf::Message* response,
                               absl::FunctionRef<absl::Status(Transaction&)> body);

// Whether WriteOnce will not carry out a request with this id any more: it gives the stored answer,
// or refuses. To be asked before what precedes the write and cannot be taken back, such as a
// message. False for an empty id.
absl::StatusOr<bool> IsAnswered(Transaction& tx, Clock& clock, absl::string_view request_id);

// The exporter that a request means: its own word, or "default".
std::string ExporterOr(absl::string_view named);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_CONTROL_WRITE_ONCE_H_
