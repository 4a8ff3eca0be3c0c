#ifndef LOGEXPORT_SERVICE_CONTROL_MEMBER_CONTROL_H_
#define LOGEXPORT_SERVICE_CONTROL_MEMBER_CONTROL_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "service/control/control_environment.h"

namespace logexport {

namespace v1 {
class GetStatusResponse;
class ListMembersResponse;
}  // namespace v1

// The processes that share the store. Errors as the API documents them. Thread-safe.
class MemberControl {
 public:
  // `environment` must outlive it.
  explicit MemberControl(const ControlEnvironment& environment) : environment_(environment) {}

  absl::StatusOr<v1::ListMembersResponse> ListMembers();

 private:
  const ControlEnvironment& environment_;
};

// Says in `status` who works for the exporter, and warns when nobody does.
absl::Status FillOwner(Transaction& tx, const std::string& exporter,
                       const ControlEnvironment& environment, v1::GetStatusResponse* status);

// In place of the `failure` of a call that needed the exporter's secrets: where only this process
// cannot read them, an error that names the one that can. Other failures as they are.
absl::Status ExplainSecretHere(const ControlEnvironment& environment, absl::string_view exporter,
                               absl::Status failure);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_CONTROL_MEMBER_CONTROL_H_
