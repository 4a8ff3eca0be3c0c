#ifndef LOGEXPORT_SERVICE_CONTROL_CONFIG_CONTROL_H_
#define LOGEXPORT_SERVICE_CONTROL_CONFIG_CONTROL_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "service/config/startup_plan.h"
#include "service/control/caller.h"
#include "service/control/control_environment.h"
#include "service/runs/supervisor.h"
#include "service/state/audit_trail.h"

namespace logexport {

namespace v1 {
class GetConfigRequest;
class GetConfigResponse;
class ListConfigVersionsRequest;
class ListConfigVersionsResponse;
class ProbeExporterRequest;
class ProbeExporterResponse;
class RollbackConfigRequest;
class RollbackConfigResponse;
class UpdateConfigRequest;
class UpdateConfigResponse;
}  // namespace v1

// Reading and changing configurations. Errors as the API documents them. Thread-safe.
class ConfigControl {
 public:
  // `configured` is what file and environment said at start, by exporter. All must outlive it.
  ConfigControl(const ControlEnvironment& environment, Supervisor& supervisor,
                const std::map<std::string, ConfiguredExporter>& configured)
      : environment_(environment), supervisor_(supervisor), configured_(configured) {}

  absl::StatusOr<v1::GetConfigResponse> GetConfig(const v1::GetConfigRequest& request);
  absl::StatusOr<v1::UpdateConfigResponse> UpdateConfig(const v1::UpdateConfigRequest& request,
                                                        const Caller& caller,
                                                        const CallLimits& limits);
  // Blocks for the exchanges, within `limits`.
  absl::StatusOr<v1::ProbeExporterResponse> ProbeExporter(const v1::ProbeExporterRequest& request,
                                                          const Caller& caller,
                                                          const CallLimits& limits);
  absl::StatusOr<v1::ListConfigVersionsResponse> ListConfigVersions(
      const v1::ListConfigVersionsRequest& request);
  absl::StatusOr<v1::RollbackConfigResponse> RollbackConfig(
      const v1::RollbackConfigRequest& request, const Caller& caller);

 private:
  // What `body` of a change tells of it.
  struct MadeChange {
    std::int64_t version_before = 0;
    std::int64_t rollback_of = 0;  // 0: no rollback
    std::vector<AuditedChange> changes;
  };
  // How both calls end that change a configuration: the change is made once, told to the log, and
  // taken up by the exporter.
  template <typename Request, typename Response>
  absl::Status ChangeOnce(const Request& request, const Caller& caller, const std::string& exporter,
                          absl::FunctionRef<absl::Status(Transaction&)> body, MadeChange* change,
                          Response* response);
  absl::Status UpdateIn(Transaction& tx, const v1::UpdateConfigRequest& request,
                        const Caller& caller, v1::UpdateConfigResponse* response,
                        std::vector<AuditedChange>* changes);

  const ControlEnvironment& environment_;
  Supervisor& supervisor_;
  const std::map<std::string, ConfiguredExporter>& configured_;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_CONTROL_CONFIG_CONTROL_H_
