#ifndef LOGEXPORT_SERVICE_CONFIG_SOURCE_CONFIG_H_
#define LOGEXPORT_SERVICE_CONFIG_SOURCE_CONFIG_H_

#include <string>
#include <vector>

#include "logexport/v1/config.pb.h"
#include "service/config/violation.h"

namespace logexport {

// The exporter that the environment configures and that is meant where none is named.
inline constexpr char kDefaultExporter[] = "default";

// The configuration of one exporter as far as one source (the file, the environment) gives it:
// without defaults, not yet validated, start_from still in it.
struct SourceConfig {
  std::string exporter;
  v1::ExporterConfig config;
  ConfigOrigins origins;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_CONFIG_SOURCE_CONFIG_H_
