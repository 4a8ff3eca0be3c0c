#ifndef LOGEXPORT_SERVICE_CONTROL_OCSF_EVENT_H_
#define LOGEXPORT_SERVICE_CONTROL_OCSF_EVENT_H_

#include <string>

#include "service/state/audit_trail.h"

namespace logexport {

// The entry as an event of the Open Cybersecurity Schema Framework (schema.ocsf.io), class API
// Activity, as JSON in one line. What the class has no place for, the hashes of the chain among it,
// stands under `unmapped`. Pure.
std::string OcsfEvent(const AuditEntry& entry);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_CONTROL_OCSF_EVENT_H_
