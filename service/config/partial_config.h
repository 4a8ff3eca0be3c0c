#ifndef LOGEXPORT_SERVICE_CONFIG_PARTIAL_CONFIG_H_
#define LOGEXPORT_SERVICE_CONFIG_PARTIAL_CONFIG_H_

#include <string>

#include "logexport/v1/config.pb.h"
#include "service/config/violation.h"

namespace logexport {

// The part of an exporter's configuration that one source (the file or the environment) gives:
// without defaults, not yet validated, with start_from still in it.
struct PartialConfig {
  std::string exporter;
  v1::ExporterConfig config;
  ConfigOrigins origins;
  // Where its id stands in a file: name:line:column. Empty in the environment.
  std::string place;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_CONFIG_PARTIAL_CONFIG_H_
