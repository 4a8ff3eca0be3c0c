#ifndef LOGEXPORT_SERVICE_CONTROL_STORED_ANSWER_H_
#define LOGEXPORT_SERVICE_CONTROL_STORED_ANSWER_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "service/base/clock.h"
#include "service/state/transaction.h"

namespace logexport {

// Whether WriteOnce will not carry out a request with this id any more: it gives the stored answer,
// or refuses. To be asked before what precedes the write and cannot be taken back, such as a
// message. False for an empty id.
absl::StatusOr<bool> IsAnswered(Transaction& tx, Clock& clock, absl::string_view request_id);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_CONTROL_STORED_ANSWER_H_
