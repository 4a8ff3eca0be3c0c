#ifndef LOGEXPORT_SERVICE_ACCESS_WIRE_ERROR_H_
#define LOGEXPORT_SERVICE_ACCESS_WIRE_ERROR_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "google/rpc/status.pb.h"

namespace logexport {

// The one place where an error becomes what goes over the wire, by gRPC as by HTTP: its code, its
// message, and google.rpc details, which always hold an ErrorInfo and a RequestInfo with
// `request_id`, under which the service's log has more. Capped at 4 KB: beyond about 8 KB of
// trailers gRPC replaces the whole error by RESOURCE_EXHAUSTED. Violations that do not fit are
// counted in a last one. `status` is not OK.
google::rpc::Status ToWireError(const absl::Status& status, absl::string_view request_id);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_ACCESS_WIRE_ERROR_H_
