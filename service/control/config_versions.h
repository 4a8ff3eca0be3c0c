#ifndef LOGEXPORT_SERVICE_CONTROL_CONFIG_VERSIONS_H_
#define LOGEXPORT_SERVICE_CONTROL_CONFIG_VERSIONS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "service/state/records.h"
#include "service/state/transaction.h"

namespace logexport {

namespace v1 {
class FieldChange;
class ListConfigVersionsRequest;
class ListConfigVersionsResponse;
}  // namespace v1

// Adds a page of the configuration's versions below `before` (0: from the newest), with what each
// changed, and the token of the next page if there is any.
absl::Status AddConfigVersions(Transaction& tx, const std::string& exporter, std::int64_t before,
                               int size, const v1::ListConfigVersionsRequest& request,
                               v1::ListConfigVersionsResponse* response);

// What the version changed against the one before, with the values as the command line writes them
// and secrets masked. Nothing for the first version, and for one whose predecessor is not there.
absl::StatusOr<std::vector<v1::FieldChange>> ChangesOfVersion(Transaction& tx,
                                                              const std::string& exporter,
                                                              const ConfigVersion& version);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_CONTROL_CONFIG_VERSIONS_H_
