#ifndef LOGEXPORT_SERVICE_STATE_ENGINES_OPEN_STORE_H_
#define LOGEXPORT_SERVICE_STATE_ENGINES_OPEN_STORE_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "service/base/clock.h"
#include "service/state/store.h"

namespace logexport {

// Opens or creates the store that `options.url` names, makes this process its owner for the life of
// the object, migrates it, and takes the next epoch. `clock` must outlive the store.
//   ABORTED              held by another process; the message says which
//   FAILED_PRECONDITION  newer schema, another program's, a wrong encoding, not a database,
//   corrupt;
//                        it is left as it is
//   NOT_FOUND            there is no such directory or database
//   UNAUTHENTICATED      the database does not take the user or the password
//   PERMISSION_DENIED, RESOURCE_EXHAUSTED, UNAVAILABLE  missing rights or read-only, disk full,
//                        cannot be opened or reached
//   INVALID_ARGUMENT     the URL
absl::StatusOr<std::unique_ptr<Store>> OpenStore(const StoreOptions& options, Clock& clock);

// Whether the URL names a store on a server, which processes on other machines can reach, too.
bool IsSharedStore(absl::string_view url);

// The URL as it may be logged: without what may be a password.
std::string ShownStoreUrl(absl::string_view url);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_STATE_ENGINES_OPEN_STORE_H_
