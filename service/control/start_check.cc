#include "service/control/start_check.h"

#include <algorithm>
#include <memory>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

#include "logexport/v1/config.pb.h"
#include "service/base/status_macros.h"
#include "service/config/endpoints.h"
#include "service/config/exporter_setup.h"
#include "service/config/loaded_config.h"
#include "service/config/schema.h"
#include "service/export/failure.h"
#include "service/export/log.h"

namespace logexport {
namespace {

// The answer is waited for by a person. What is not known by then the run finds out.
constexpr absl::Duration kPatience = absl::Seconds(3);

absl::Status ReadNamedLog(const ControlEnvironment& environment, const std::string& exporter,
                          const std::string& log_id, const CallLimits& limits) {
  ExporterSettings settings;
  RETURN_IF_ERROR(environment.store.Read([&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(const ExporterRecord record, tx.GetExporter(exporter));
    ASSIGN_OR_RETURN(const ConfigVersion version, tx.GetConfig(exporter));
    ASSIGN_OR_RETURN(settings, LoadSettings(record, version, 0, environment.secrets));
    return absl::OkStatus();
  }));
  ASSIGN_OR_RETURN(const std::shared_ptr<ExporterComponents> components,
                   environment.components.Get(settings));
  CallContext context;
  context.stop = limits.stop;
  context.lane = RunLane::kSide;
  context.deadline = std::min(limits.deadline, environment.clock.Monotonic() + kPatience);
  return components->source->ReadOne(log_id, context).status();
}

}  // namespace

std::optional<RunWarning> CheckNamedStart(const ControlEnvironment& environment,
                                          const std::string& exporter, const Position& start,
                                          const CallLimits& limits) {
  const bool names_a_log =
      (start.kind == Position::Kind::kAfter || start.kind == Position::Kind::kAt) &&
      !IsSyntheticLogId(start.id);
  if (!names_a_log) return std::nullopt;
  const absl::Status read = ReadNamedLog(environment, exporter, start.id, limits);
  if (read.ok() || FailureOf(read).reason != FailureReason::kAuth0LogNotFound) return std::nullopt;
  return RunWarning{
      "START_LOG_UNKNOWN",
      absl::StrCat("Auth0 does not have the log ", start.id, ": it may be mistyped, or too old",
                   start.kind == Position::Kind::kAt
                       ? ". A run that has to begin with it fails"
                       : ". The export begins with the first log whose id sorts "
                         "after it, wherever that is"),
      1};
}

absl::StatusOr<std::string> WarnOfOtherTenant(Transaction& tx, const std::string& exporter,
                                              const v1::ExporterConfig& before,
                                              const v1::ExporterConfig& after) {
  const auto tenant = [](const v1::ExporterConfig& config) {
    return TenantOfAudience(WithDefaults(config).auth0().audience()).value_or("");
  };
  if (tenant(before) == tenant(after)) return "";
  ASSIGN_OR_RETURN(const Checkpoint checkpoint, tx.GetCheckpoint(exporter));
  if (!checkpoint.position.resolved()) return "";
  return absl::StrCat("auth0.domain: the checkpoint stays at ", checkpoint.position.id,
                      ", a log of ", tenant(before), ": the logs of ", tenant(after),
                      " that sort before it are not exported, unless start_from says where to "
                      "begin; an exporter of its own keeps both apart");
}

}  // namespace logexport
