#ifndef LOGEXPORT_SERVICE_APPLICATION_H_
#define LOGEXPORT_SERVICE_APPLICATION_H_

#include <map>
#include <memory>
#include <string>

#include "service/base/clock.h"
#include "service/component_factory.h"
#include "service/config/secret_resolver.h"
#include "service/control/audit_control.h"
#include "service/control/checkpoint_control.h"
#include "service/control/config_control.h"
#include "service/control/control_environment.h"
#include "service/control/dead_letter_control.h"
#include "service/control/exporter_control.h"
#include "service/control/member_control.h"
#include "service/control/preview_control.h"
#include "service/control/run_control.h"
#include "service/control/secret_control.h"
#include "service/export/notifier.h"
#include "service/http/observed_transport.h"
#include "service/http/transport.h"
#include "service/metrics_observer.h"
#include "service/runs/component_cache.h"
#include "service/runs/feed.h"
#include "service/runs/metrics_sampler.h"
#include "service/runs/outbox.h"
#include "service/runs/run_threads.h"
#include "service/runs/supervisor.h"
#include "service/state/store.h"

namespace logexport {

// Everything below the API. Members are destroyed in reverse order, so each may use those above it
// to the end.
struct Application {
  // All references, what `protection` names, and `spans`, which may be null, must outlive it.
  Application(Store& store, HttpTransport& transport, Clock& clock, std::string secret_dir,
              std::map<std::string, ConfiguredExporter> configured, bool follow_schedules,
              ServiceMetrics& metrics, StoreProtection protection = {}, SpanSink* spans = nullptr,
              int concurrent_runs = kDefaultConcurrentRuns);

  // What a scrape of /metrics gets, in Prometheus' text format. Thread-safe.
  std::string MetricsText() { return metrics.Text(sampler.Sample()); }

  ServiceMetrics& metrics;
  MetricsObserver observer;
  ObservedTransport transport;
  SecretResolver secrets;
  std::unique_ptr<Notifier> slack;
  std::unique_ptr<Notifier> webhook;
  const Notifiers notifiers;
  Announcer announcer;
  HttpComponentFactory factory;
  ComponentCache components;
  RunFeed feed;
  Outbox outbox;
  RunThreads threads;
  const std::map<std::string, ConfiguredExporter> configured;
  const ControlEnvironment environment;
  Supervisor supervisor;
  MetricsSampler sampler;
  RunControl runs;
  CheckpointControl checkpoints;
  ConfigControl configs;
  ExporterControl exporters;
  MemberControl members;
  DeadLetterControl dead_letters;
  PreviewControl previews;
  AuditControl audit;
  SecretControl stored_secrets;
};

// The metrics of a service, which its store is opened with.
ServiceMetrics::Options MetricsOptions(PerExporter per_exporter);

bool IsKnownLogType(absl::string_view code);
bool IsKnownCategory(absl::string_view category);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_APPLICATION_H_
