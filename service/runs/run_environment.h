#ifndef LOGEXPORT_SERVICE_RUNS_RUN_ENVIRONMENT_H_
#define LOGEXPORT_SERVICE_RUNS_RUN_ENVIRONMENT_H_

#include <functional>

#include "absl/strings/string_view.h"

#include "service/base/clock.h"
#include "service/base/random.h"
#include "service/config/secret_resolver.h"
#include "service/runs/announcements.h"
#include "service/runs/component_cache.h"
#include "service/runs/feed.h"
#include "service/runs/outbox.h"
#include "service/runs/run_threads.h"
#include "service/state/store.h"
#include "service/telemetry/service_metrics.h"
#include "service/telemetry/trace.h"

namespace logexport {

// What the supervisor and its workers use; one per process. Every referenced object must outlive
// its users and is thread-safe.
struct RunEnvironment {
  Store& store;
  Clock& clock;
  Random& random;
  ComponentCache& components;
  const SecretResolver& secrets;
  RunFeed& feed;
  const Announcer& announcer;
  Outbox& outbox;
  ServiceMetrics& metrics;
  RunThreads& threads;
  // Whether the table of log types has this code.
  std::function<bool(absl::string_view)> is_known_log_type;
  // False for a process that runs each exporter once and ends.
  bool follow_schedules = true;
  // Takes the spans of runs; null: none are made.
  SpanSink* spans = nullptr;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_RUNS_RUN_ENVIRONMENT_H_
