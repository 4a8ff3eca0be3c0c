#ifndef LOGEXPORT_SERVICE_CONTROL_RUN_CONTROL_H_
#define LOGEXPORT_SERVICE_CONTROL_RUN_CONTROL_H_

#include "absl/status/statusor.h"

#include "service/control/caller.h"
#include "service/control/control_environment.h"
#include "service/runs/lifecycle.h"
#include "service/runs/supervisor.h"

namespace logexport {

namespace v1 {
class CancelRunRequest;
class CancelRunResponse;
class GetReportRequest;
class GetReportResponse;
class GetReportsRequest;
class GetReportsResponse;
class GetSeriesRequest;
class GetSeriesResponse;
class RedriveDeadLettersRequest;
class RedriveDeadLettersResponse;
class Report;
class RunNowRequest;
class RunNowResponse;
class WatchRunRequest;
}  // namespace v1

// Starting and ending runs, and reading their reports. Errors as the API documents them for each
// call. Thread-safe.
class RunControl {
 public:
  // Both must outlive it.
  RunControl(const ControlEnvironment& environment, Supervisor& supervisor)
      : environment_(environment), supervisor_(supervisor) {}

  absl::StatusOr<v1::RunNowResponse> RunNow(const v1::RunNowRequest& request, const Caller& caller);
  absl::StatusOr<v1::CancelRunResponse> CancelRun(const v1::CancelRunRequest& request,
                                                  const Caller& caller);
  absl::StatusOr<v1::RedriveDeadLettersResponse> RedriveDeadLetters(
      const v1::RedriveDeadLettersRequest& request, const Caller& caller);
  absl::StatusOr<v1::GetReportsResponse> GetReports(const v1::GetReportsRequest& request);
  absl::StatusOr<v1::GetReportResponse> GetReport(const v1::GetReportRequest& request);
  absl::StatusOr<v1::GetSeriesResponse> GetSeries(const v1::GetSeriesRequest& request);

  // The report of a run at this moment, for those who watch it.
  v1::Report ReportNow(const RunRecord& run);

  // The run that a WatchRun means: the named one, else the active one, else the newest.
  absl::StatusOr<RunRecord> RunToWatch(const v1::WatchRunRequest& request);

 private:
  const ControlEnvironment& environment_;
  Supervisor& supervisor_;
};

// Orders a run (see OrderRun); a refusal becomes the API's error.
//   ABORTED  RUN_ALREADY_ACTIVE, RUN_ALREADY_QUEUED
absl::StatusOr<OrderedRun> OrderOrRefuse(Transaction& tx, const RunOrder& order,
                                         const RunEnvironment& environment, absl::Time now);

// The record of the exporter `id`.
//   NOT_FOUND  EXPORTER_NOT_FOUND
absl::StatusOr<ExporterRecord> FindExporter(Transaction& tx, absl::string_view id);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_CONTROL_RUN_CONTROL_H_
