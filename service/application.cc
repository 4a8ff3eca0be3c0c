#include "service/application.h"

#include <algorithm>
#include <utility>

#include "service/auth0/type_table.h"
#include "service/base/random.h"
#include "service/slack/slack_notifier.h"

namespace logexport {

bool IsKnownLogType(absl::string_view code) { return FindLogType(code) != nullptr; }

bool IsKnownCategory(absl::string_view category) {
  const std::vector<LogType>& types = AllLogTypes();
  return std::any_of(types.begin(), types.end(),
                     [&](const LogType& type) { return type.category == category; });
}

namespace {

HostsByExporter HostsNamed(const std::map<std::string, ConfiguredExporter>& configured) {
  const SecretResolver secrets(ProcessEnvironment());
  HostsByExporter hosts;
  for (const auto& [exporter, config] : configured) {
    hosts[exporter] = SecretHostsOf(config.config, secrets);
  }
  return hosts;
}

}  // namespace

Application::Application(Store& store, HttpTransport& transport, Clock& clock,
                         std::string secret_dir,
                         std::map<std::string, ConfiguredExporter> configured_exporters,
                         bool follow_schedules, StoreProtection protection)
    : secrets(ProcessEnvironment(), SecretDestinations(ProcessEnvironment(), secret_dir,
                                                       HostsNamed(configured_exporters))),
      notifier(MakeSlackNotifier(transport, clock)),
      announcer(*notifier),
      factory(transport, clock),
      components(factory),
      outbox(store, clock, components, secrets, announcer, *notifier),
      configured(std::move(configured_exporters)),
      environment{{store, clock, SystemRandom(), components, secrets, feed, announcer, outbox,
                   IsKnownLogType, follow_schedules},
                  *notifier,
                  std::move(secret_dir),
                  AllLogTypes(),
                  IsKnownCategory,
                  clock.Now(),
                  protection},
      supervisor(environment),
      runs(environment, supervisor),
      checkpoints(environment, supervisor),
      configs(environment, supervisor, configured),
      exporters(environment, supervisor),
      dead_letters(environment),
      previews(environment),
      audit(environment),
      stored_secrets(environment) {}

}  // namespace logexport
