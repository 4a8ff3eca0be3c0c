#ifndef LOGEXPORT_SERVICE_CONFIG_UPDATE_H_
#define LOGEXPORT_SERVICE_CONFIG_UPDATE_H_

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "logexport/v1/config.pb.h"
#include "service/config/violation.h"

namespace logexport {

// A configuration with a change applied, not yet validated.
struct ConfigUpdate {
  // What to store: normalised, literal secrets in it, start_from taken out.
  v1::ExporterConfig config;
  // Dotted paths of the settings that work differently now; empty: there is nothing to store.
  std::vector<std::string> changed_fields;
  // The secrets that were sent with a value of their own, by path.
  std::set<std::string> given_secrets;
  // START_FROM, when the call sets it.
  std::optional<std::string> start_from;
  // Unknown mask paths and masks of secrets that are not stored. The rest is usable only if empty.
  std::vector<ConfigViolation> violations;
};

// Applies what UpdateConfig was asked for to the stored configuration.
//   mask empty: the fields that are set in `incoming` are taken over.
//   mask `*`:   everything is replaced. What repeats a default just as GetConfig shows it stays a
//               default, so that reading, editing and writing back changes only what was edited.
//   otherwise:  the named settings and groups are taken over; named but not set means back to the
//               default.
// An empty text unsets a field. A secret sent as kMaskedSecret keeps its stored value; an audience
// or base URL sent back as it followed from the domain goes on following it.
// For a new exporter `stored` is empty.
ConfigUpdate ApplyUpdate(const v1::ExporterConfig& stored, const v1::ExporterConfig& incoming,
                         const std::vector<std::string>& mask);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_CONFIG_UPDATE_H_
