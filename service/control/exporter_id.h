#ifndef LOGEXPORT_SERVICE_CONTROL_EXPORTER_ID_H_
#define LOGEXPORT_SERVICE_CONTROL_EXPORTER_ID_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace logexport {

// Whether an exporter may be created under this id: lower-case letters, digits and '-', starting
// with a letter, at most 63 characters. INVALID_ARGUMENT / INVALID_FIELD on the field `exporter`.
absl::Status CheckExporterId(absl::string_view id);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_CONTROL_EXPORTER_ID_H_
