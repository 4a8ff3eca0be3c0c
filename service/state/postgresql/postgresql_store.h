#ifndef LOGEXPORT_SERVICE_STATE_POSTGRESQL_POSTGRESQL_STORE_H_
#define LOGEXPORT_SERVICE_STATE_POSTGRESQL_POSTGRESQL_STORE_H_

#include <memory>

#include "absl/status/statusor.h"

#include "service/base/clock.h"
#include "service/state/postgresql/membership.h"
#include "service/state/postgresql/postgresql_session.h"
#include "service/state/store.h"

namespace logexport {

// What tests have shorter.
struct PostgresqlTimes {
  PostgresqlLimits limits;
  MembershipTiming membership;
};

// The store in a PostgreSQL database, as OpenStore opens it.
absl::StatusOr<std::unique_ptr<Store>> OpenPostgresqlStore(const StoreOptions& options,
                                                           Clock& clock,
                                                           const PostgresqlTimes& times = {});

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_STATE_POSTGRESQL_POSTGRESQL_STORE_H_
