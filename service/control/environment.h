#ifndef LOGEXPORT_SERVICE_CONTROL_ENVIRONMENT_H_
#define LOGEXPORT_SERVICE_CONTROL_ENVIRONMENT_H_

#include "absl/time/time.h"

#include "service/base/clock.h"
#include "service/base/random.h"
#include "service/control/announcements.h"
#include "service/control/component_cache.h"
#include "service/control/outbox.h"
#include "service/control/run_feed.h"
#include "service/control/secrets.h"
#include "service/state/store.h"

namespace logexport {

// What the use cases and workers are made with; one per process, put together where it is wired.
// All referenced objects must outlive the users.
struct ControlEnvironment {
  Store& store;
  Clock& clock;
  Random& random;
  ComponentCache& components;
  const SecretResolver& secrets;
  RunFeed& feed;
  const Announcer& announcer;
  Outbox& outbox;
  absl::Time service_started;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_CONTROL_ENVIRONMENT_H_
