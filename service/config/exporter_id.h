#ifndef LOGEXPORT_SERVICE_CONFIG_EXPORTER_ID_H_
#define LOGEXPORT_SERVICE_CONFIG_EXPORTER_ID_H_

#include "absl/strings/string_view.h"

namespace logexport {

// The exporter that the environment configures, and that a request or an entry of the file means
// when it names none.
inline constexpr char kDefaultExporter[] = "default";

// Whether `id` is well-formed: lower-case letters, digits and `-`, starting with a letter, at most
// 63 characters.
bool IsExporterId(absl::string_view id);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_CONFIG_EXPORTER_ID_H_
