#ifndef LOGEXPORT_SERVICE_CONTROL_AUDIT_CONTROL_H_
#define LOGEXPORT_SERVICE_CONTROL_AUDIT_CONTROL_H_

#include "absl/status/statusor.h"

#include "logexport/v1/options.pb.h"
#include "service/control/caller.h"
#include "service/control/control_environment.h"

namespace logexport {

namespace v1 {
class ListAuditRequest;
class ListAuditResponse;
class ListHistoryRequest;
class ListHistoryResponse;
class VerifyAuditRequest;
class VerifyAuditResponse;
}  // namespace v1

// Reading and checking what was done. Errors as the API documents them. Thread-safe.
class AuditControl {
 public:
  // `environment` must outlive it.
  explicit AuditControl(const ControlEnvironment& environment) : environment_(environment) {}

  absl::StatusOr<v1::ListAuditResponse> ListAudit(const v1::ListAuditRequest& request);
  // Reads the whole audit in pieces, within `limits`.
  absl::StatusOr<v1::VerifyAuditResponse> VerifyAudit(const v1::VerifyAuditRequest& request,
                                                      const CallLimits& limits);
  // `role` decides whether entries of the audit are among it.
  absl::StatusOr<v1::ListHistoryResponse> ListHistory(const v1::ListHistoryRequest& request,
                                                      v1::Role role);

 private:
  const ControlEnvironment& environment_;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_CONTROL_AUDIT_CONTROL_H_
