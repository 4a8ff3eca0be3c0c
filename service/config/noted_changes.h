#ifndef LOGEXPORT_SERVICE_CONFIG_NOTED_CHANGES_H_
#define LOGEXPORT_SERVICE_CONFIG_NOTED_CHANGES_H_

#include <string>
#include <vector>

#include "absl/time/time.h"

#include "service/state/records.h"

namespace logexport {

// Corrects what the exporter's record says of settings that are changed at `now`, whoever changes
// them: a new schedule is not blamed for fires that it never had, and what was told of a receiver
// of messages does not hold for another.
void NoteChangedFields(const std::vector<std::string>& changed_fields, absl::Time now,
                       ExporterRecord* exporter);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_CONFIG_NOTED_CHANGES_H_
