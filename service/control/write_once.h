#ifndef LOGEXPORT_SERVICE_CONTROL_WRITE_ONCE_H_
#define LOGEXPORT_SERVICE_CONTROL_WRITE_ONCE_H_

#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "service/control/caller.h"
#include "service/state/store.h"

namespace google::protobuf {
class Message;
}

namespace logexport {

// Carries out a write request: runs `body`, which fills `response`, in one transaction.
//
// At most once per request id: a repeated request gets the stored answer and `body` does not run.
// The answer is stored in the same transaction.
//   INVALID_ARGUMENT / REQUEST_ID_REUSED  the id came with another request or another caller
// A request with `validate_only` set runs `body` in a transaction that only reads, and its request
// id does not count.
//
// What is written is recorded in the audit, in the same transaction, with the `changes` that `body`
// fills; it may run again, so it begins by emptying them.
//
// `now` is the time by which answers grow old (see trusted_time.h). The fields `request_id` and
// `validate_only` are those of `request`. True if `body` wrote now, false if the answer is the
// stored one or nothing was to be written.
absl::StatusOr<bool> WriteOnce(Store& store, absl::Time now, const Caller& caller,
                               const google::protobuf::Message& request,
                               google::protobuf::Message* response,
                               std::vector<AuditedChange>* changes,
                               absl::FunctionRef<absl::Status(Transaction&)> body);

// Whether WriteOnce will not carry out a request with this id any more, because it has an answer.
// Ask before doing what precedes the write and cannot be taken back, such as sending a message.
// False for an empty id.
absl::StatusOr<bool> IsAnswered(Transaction& tx, absl::Time now, absl::string_view request_id);

// The exporter that a request means: the named one, or "default" for an empty name.
std::string ExporterOr(absl::string_view named);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_CONTROL_WRITE_ONCE_H_
