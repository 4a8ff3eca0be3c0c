#ifndef LOGEXPORT_SERVICE_CONFIG_SERIALIZATION_H_
#define LOGEXPORT_SERVICE_CONFIG_SERIALIZATION_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "service/state/records.h"

namespace logexport {

namespace v1 {
class ExporterConfig;
}

// The form in which the store keeps a configuration: one line of JSON, equal for equal
// configurations, with the field names of the proto, so that it can be read with any SQLite client.
// Literal secrets are in it (the state file is readable by its owner only), defaults and start_from
// are not.
std::string SerializeConfig(const v1::ExporterConfig& config);

// The inverse. DATA_LOSS when the text is damaged, FAILED_PRECONDITION when it holds fields this
// version does not know; neither quotes the text.
absl::StatusOr<v1::ExporterConfig> ParseStoredConfig(absl::string_view text);

// The etag of a stored version: opaque to callers, different for every version of every exporter,
// also of one that was deleted and created again. Tells nothing about the content.
std::string ConfigEtag(const ConfigVersion& version);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_CONFIG_SERIALIZATION_H_
