#ifndef LOGEXPORT_SERVICE_CONTROL_CONTROL_ENVIRONMENT_H_
#define LOGEXPORT_SERVICE_CONTROL_CONTROL_ENVIRONMENT_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "service/base/clock.h"
#include "service/base/random.h"
#include "service/config/secret_resolver.h"
#include "service/export/log.h"
#include "service/export/notifier.h"
#include "service/runs/announcements.h"
#include "service/runs/component_cache.h"
#include "service/runs/feed.h"
#include "service/runs/outbox.h"
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
  Notifier& notifier;
  // Files that secrets may be read from over the API lie below it; empty: none.
  std::string secret_dir;
  // The table of log types.
  const std::vector<LogType>& log_types;
  std::function<bool(absl::string_view)> is_known_log_type;
  std::function<bool(absl::string_view)> is_known_category;
  absl::Time service_started;
  // False for a process that makes one run of each exporter and ends.
  bool follow_schedules = true;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_CONTROL_CONTROL_ENVIRONMENT_H_
