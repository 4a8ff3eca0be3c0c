#include "service/application.h"

#include <algorithm>
#include <climits>
#include <utility>

#include <google/protobuf/descriptor.h>
#include <unistd.h>

#include "logexport/v1/service.pb.h"
#include "service/auth0/type_table.h"
#include "service/base/random.h"
#include "service/base/version.h"
#include "service/slack/slack_notifier.h"
#include "service/webhook/webhook_notifier.h"

namespace logexport {

bool IsKnownLogType(absl::string_view code) { return FindLogType(code) != nullptr; }

bool IsKnownCategory(absl::string_view category) {
  const std::vector<LogType>& types = AllLogTypes();
  return std::any_of(types.begin(), types.end(),
                     [&](const LogType& type) { return type.category == category; });
}

namespace {

// Which of several processes it is that tells something. In a container it is the name of that.
std::string MemberName() {
  char name[HOST_NAME_MAX + 1] = {};
  return gethostname(name, sizeof(name) - 1) == 0 ? name : "";
}

HostsByExporter HostsNamed(const std::map<std::string, ConfiguredExporter>& configured) {
  const SecretResolver secrets(ProcessEnvironment());
  HostsByExporter hosts;
  for (const auto& [exporter, config] : configured) {
    hosts[exporter] = SecretHostsOf(config.config, secrets);
  }
  return hosts;
}

}  // namespace

ServiceMetrics::Options MetricsOptions(PerExporter per_exporter) {
  ServiceMetrics::Options options;
  options.version = kServiceVersion;
  options.per_exporter = per_exporter;
  const google::protobuf::ServiceDescriptor* const api =
      v1::RunNowRequest::descriptor()->file()->pool()->FindServiceByName(
          "logexport.v1.LogExportService");
  for (int i = 0; i < api->method_count(); ++i) {
    options.rpc_methods.emplace_back(api->method(i)->name());
  }
  return options;
}

Application::Application(Store& store, HttpTransport& outgoing, Clock& clock,
                         std::string secret_dir,
                         std::map<std::string, ConfiguredExporter> configured_exporters,
                         bool follow_schedules, ServiceMetrics& service_metrics,
                         StoreProtection protection, SpanSink* spans, int concurrent_runs)
    : metrics(service_metrics),
      observer(metrics, spans),
      transport(outgoing, clock, observer),
      secrets(ProcessEnvironment(), SecretDestinations(ProcessEnvironment(), secret_dir,
                                                       HostsNamed(configured_exporters))),
      slack(MakeSlackNotifier(transport, clock)),
      webhook(MakeWebhookNotifier(transport, clock)),
      notifiers{*slack, *webhook, MemberName()},
      announcer(notifiers),
      factory(transport, clock),
      components(factory),
      outbox(store, clock, components, secrets, announcer, notifiers, metrics),
      threads(clock, concurrent_runs),
      configured(std::move(configured_exporters)),
      environment{{store, clock, SystemRandom(), components, secrets, feed, announcer, outbox,
                   metrics, threads, IsKnownLogType, follow_schedules, spans},
                  notifiers,
                  std::move(secret_dir),
                  AllLogTypes(),
                  IsKnownCategory,
                  clock.Now(),
                  protection},
      supervisor(environment),
      sampler(environment),
      runs(environment, supervisor),
      checkpoints(environment, supervisor),
      configs(environment, supervisor, configured),
      exporters(environment, supervisor),
      members(environment),
      dead_letters(environment),
      previews(environment),
      audit(environment),
      stored_secrets(environment) {}

}  // namespace logexport
