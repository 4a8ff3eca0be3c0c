#ifndef LOGEXPORT_SERVICE_API_LOG_EXPORT_SERVICE_H_
#define LOGEXPORT_SERVICE_API_LOG_EXPORT_SERVICE_H_

#include <memory>

#include <grpcpp/impl/service_type.h>

#include "service/access/call_gate.h"
#include "service/api/stall_guard.h"
#include "service/control/audit_control.h"
#include "service/control/checkpoint_control.h"
#include "service/control/config_control.h"
#include "service/control/dead_letter_control.h"
#include "service/control/exporter_control.h"
#include "service/control/preview_control.h"
#include "service/control/run_control.h"
#include "service/control/run_watch.h"
#include "service/control/secret_control.h"

namespace logexport {

// The use cases that the RPCs stand for.
struct UseCases {
  RunControl& runs;
  CheckpointControl& checkpoints;
  ConfigControl& configs;
  ExporterControl& exporters;
  DeadLetterControl& dead_letters;
  PreviewControl& previews;
  AuditControl& audit;
  SecretControl& secrets;
};

// The gRPC service logexport.v1.LogExportService: each handler passes the gate and calls its use
// case. All arguments must outlive it.
std::unique_ptr<grpc::Service> MakeLogExportService(CallGate& gate, StallGuard& guard,
                                                    const UseCases& use_cases, RunWatch& watch);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_API_LOG_EXPORT_SERVICE_H_
