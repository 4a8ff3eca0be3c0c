#ifndef LOGEXPORT_SERVICE_CONTROL_EXPORTER_CONTROL_H_
#define LOGEXPORT_SERVICE_CONTROL_EXPORTER_CONTROL_H_

#include <functional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "logexport/v1/options.pb.h"
#include "logexport/v1/status.pb.h"
#include "service/control/caller.h"
#include "service/control/control_environment.h"
#include "service/runs/supervisor.h"

namespace logexport {

namespace v1 {
class CreateExporterRequest;
class CreateExporterResponse;
class DeleteExporterRequest;
class DeleteExporterResponse;
class ExporterSummary;
class GetCallerResponse;
class GetStatusRequest;
class GetStatusResponse;
class ListExportersRequest;
class ListExportersResponse;
class PauseExporterRequest;
class PauseExporterResponse;
class ResumeExporterRequest;
class ResumeExporterResponse;
}  // namespace v1

// Exporters as a whole: how they do, creating, deleting, pausing. Errors as the API documents them.
// Thread-safe.
class ExporterControl {
 public:
  // Both must outlive it.
  ExporterControl(const ControlEnvironment& environment, Supervisor& supervisor)
      : environment_(environment), supervisor_(supervisor) {}

  // `role` decides whether other callers are named.
  absl::StatusOr<v1::GetStatusResponse> GetStatus(const v1::GetStatusRequest& request,
                                                  v1::Role role);
  // What GetStatus tells of callers. To be set before the first call.
  void TellLoadBy(std::function<v1::CallerLoad()> load) { load_ = std::move(load); }
  // What the gate has found out about the caller.
  v1::GetCallerResponse GetCaller(const Caller& caller, v1::Role role);
  absl::StatusOr<v1::ListExportersResponse> ListExporters(const v1::ListExportersRequest& request);
  absl::StatusOr<v1::CreateExporterResponse> CreateExporter(
      const v1::CreateExporterRequest& request, const Caller& caller, const CallLimits& limits);
  // With `force` it blocks until an active run has ended, within `limits`.
  absl::StatusOr<v1::DeleteExporterResponse> DeleteExporter(
      const v1::DeleteExporterRequest& request, const Caller& caller, const CallLimits& limits);
  absl::StatusOr<v1::PauseExporterResponse> PauseExporter(const v1::PauseExporterRequest& request,
                                                          const Caller& caller);
  absl::StatusOr<v1::ResumeExporterResponse> ResumeExporter(
      const v1::ResumeExporterRequest& request, const Caller& caller);

 private:
  // Everything of the status that stands in the store, and the verdict on it.
  absl::Status FillStatus(Transaction& tx, const std::string& id, absl::Time now,
                          absl::Time trusted_now, bool with_types, v1::GetStatusResponse* response);
  // Of how the exporter is doing, what a list tells.
  absl::Status FillVerdict(Transaction& tx, absl::Time now, absl::Time trusted_now,
                           v1::ExporterSummary* row);

  const ControlEnvironment& environment_;
  Supervisor& supervisor_;
  std::function<v1::CallerLoad()> load_;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_CONTROL_EXPORTER_CONTROL_H_
