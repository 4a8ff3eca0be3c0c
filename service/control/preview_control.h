#ifndef LOGEXPORT_SERVICE_CONTROL_PREVIEW_CONTROL_H_
#define LOGEXPORT_SERVICE_CONTROL_PREVIEW_CONTROL_H_

#include "absl/status/statusor.h"

#include "service/control/caller.h"
#include "service/control/control_environment.h"

namespace logexport {

namespace v1 {
class ListLogTypesRequest;
class ListLogTypesResponse;
class PreviewExportRequest;
class PreviewExportResponse;
class TestNotificationRequest;
class TestNotificationResponse;
}  // namespace v1

// Looking at what would be sent without sending it, trying Slack, and the table of log types.
// Errors as the API documents them. Thread-safe.
class PreviewControl {
 public:
  // `environment` must outlive it.
  explicit PreviewControl(const ControlEnvironment& environment) : environment_(environment) {}

  // Asks Auth0, within `limits`.
  absl::StatusOr<v1::PreviewExportResponse> PreviewExport(const v1::PreviewExportRequest& request,
                                                          const Caller& caller,
                                                          const CallLimits& limits);
  // Asks Slack, until `limits.stop`.
  absl::StatusOr<v1::TestNotificationResponse> TestNotification(
      const v1::TestNotificationRequest& request, const Caller& caller, const CallLimits& limits);
  absl::StatusOr<v1::ListLogTypesResponse> ListLogTypes(const v1::ListLogTypesRequest& request);

 private:
  const ControlEnvironment& environment_;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_CONTROL_PREVIEW_CONTROL_H_
