#include "service/component_factory.h"

#include <utility>

#include "service/auth0/tenant_log_source.h"
#include "service/config/endpoints.h"
#include "service/segment/batch_sink.h"
#include "service/segment/event_mapper.h"

namespace logexport {

absl::StatusOr<std::shared_ptr<ExporterComponents>> HttpComponentFactory::Make(
    const ExporterSettings& settings) {
  auto components = std::make_shared<ExporterComponents>();
  Auth0Sources sources = MakeAuth0Sources(settings.auth0, settings.profile, transport_, clock_);
  components->source = std::move(sources.logs);
  components->profiles = std::move(sources.profiles);
  components->sink = MakeSegmentSink(settings.segment, transport_, clock_);
  return components;
}

std::unique_ptr<EventMapper> HttpComponentFactory::MakeMapper(const ExporterSettings& settings) {
  const absl::StatusOr<std::string> tenant = TenantOfAudience(settings.auth0.audience);
  return MakeEventMapper(settings.segment, settings.privacy, settings.profile,
                         tenant.ok() ? *tenant : settings.auth0.audience);
}

}  // namespace logexport
