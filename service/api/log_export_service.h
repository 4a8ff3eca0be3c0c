#ifndef LOGEXPORT_SERVICE_API_LOG_EXPORT_SERVICE_H_
#define LOGEXPORT_SERVICE_API_LOG_EXPORT_SERVICE_H_

#include <memory>

#include <grpcpp/impl/service_type.h>

#include "service/access/call_gate.h"
#include "service/access/rpc_table.h"
#include "service/api/stall_guard.h"

namespace logexport {

// The gRPC service logexport.v1.LogExportService: each handler passes the gate and does what the
// table says. All arguments must outlive it.
std::unique_ptr<grpc::Service> MakeLogExportService(CallGate& gate, StallGuard& guard,
                                                    const RpcTable& rpcs);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_API_LOG_EXPORT_SERVICE_H_
