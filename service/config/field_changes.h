#ifndef LOGEXPORT_SERVICE_CONFIG_FIELD_CHANGES_H_
#define LOGEXPORT_SERVICE_CONFIG_FIELD_CHANGES_H_

#include <string>
#include <vector>

#include "logexport/v1/configuration.pb.h"
#include "service/state/audit_trail.h"

namespace logexport {

// The named settings with their values in both configurations, as the command line writes them and
// with secrets masked. A setting that has no value of its own reads empty. Paths that are no
// settings (any more) are left out. Pure.
std::vector<v1::FieldChange> ChangesBetween(const v1::ExporterConfig& before,
                                            const v1::ExporterConfig& after,
                                            const std::vector<std::string>& fields);

// The same for the audit.
std::vector<AuditedChange> AuditedChanges(const std::vector<v1::FieldChange>& changes);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_CONFIG_FIELD_CHANGES_H_
