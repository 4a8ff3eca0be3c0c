#ifndef LOGEXPORT_SERVICE_STATE_SQLITE_SQLITE_STORE_H_
#define LOGEXPORT_SERVICE_STATE_SQLITE_SQLITE_STORE_H_

#include <memory>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "service/base/clock.h"
#include "service/state/store.h"

namespace logexport {

// The store in the file at `path`, as OpenStore opens it. `options.url` is for messages.
absl::StatusOr<std::unique_ptr<Store>> OpenSqliteStore(absl::string_view path,
                                                       const StoreOptions& options, Clock& clock);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_STATE_SQLITE_SQLITE_STORE_H_
