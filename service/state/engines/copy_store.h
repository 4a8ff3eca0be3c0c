#ifndef LOGEXPORT_SERVICE_STATE_ENGINES_COPY_STORE_H_
#define LOGEXPORT_SERVICE_STATE_ENGINES_COPY_STORE_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "service/state/config_sealer.h"

namespace logexport {

struct CopyRequest {
  // The path of the source, whose store this process has open: so nobody else changes it.
  std::string source;
  // The database that everything is copied to. It may be empty, or hold a store without anything.
  std::string target_url;
  // Encrypts a secret anew under the keys of the target.
  std::function<absl::StatusOr<SealedSecret>(const SealedSecret&)> reseal;
  absl::Time now;
};

struct CopiedTable {
  std::string name;
  std::int64_t rows = 0;
};

// Copies everything in a store on SQLite into one on PostgreSQL, in one transaction: afterwards the
// target holds all of it or nothing. Then a row in the source says where it went, and whoever opens
// it is told. Answers what was copied; the rows of each table were counted on both sides.
//   ABORTED              the target is in use
//   FAILED_PRECONDITION  there is something in the target
// and as OpenStore for a target that cannot be opened.
absl::StatusOr<std::vector<CopiedTable>> CopyStore(const CopyRequest& request);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_STATE_ENGINES_COPY_STORE_H_
