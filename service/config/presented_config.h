#ifndef LOGEXPORT_SERVICE_CONFIG_PRESENTED_CONFIG_H_
#define LOGEXPORT_SERVICE_CONFIG_PRESENTED_CONFIG_H_

#include "logexport/v1/config.pb.h"

namespace logexport {

// How a configuration is shown to callers of the API.

// Replaces literal secrets by kMaskedSecret. References stay as they are.
void MaskSecrets(v1::ExporterConfig* config);

// Defaults filled in, secrets masked, without start_from.
v1::ExporterConfig PresentedConfig(const v1::ExporterConfig& stored);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_CONFIG_PRESENTED_CONFIG_H_
