#ifndef LOGEXPORT_SERVICE_ACCESS_RPCS_H_
#define LOGEXPORT_SERVICE_ACCESS_RPCS_H_

#include "service/access/logins.h"
#include "service/access/rpc_table.h"
#include "service/control/audit_control.h"
#include "service/control/checkpoint_control.h"
#include "service/control/config_control.h"
#include "service/control/dead_letter_control.h"
#include "service/control/exporter_control.h"
#include "service/control/member_control.h"
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
  MemberControl& members;
  DeadLetterControl& dead_letters;
  PreviewControl& previews;
  AuditControl& audit;
  SecretControl& secrets;
  RunWatch& watch;
  Logins& logins;
};

// All RPCs of logexport.v1.LogExportService. What `use` refers to must outlive the table.
RpcTable MakeRpcTable(const UseCases& use);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_ACCESS_RPCS_H_
