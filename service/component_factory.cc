#include "service/component_factory.h"

#include <utility>

#include "service/auth0/tenant_log_source.h"
#include "service/config/endpoints.h"
#include "service/http/redacting_transport.h"
#include "service/segment/batch_sink.h"
#include "service/segment/event_mapper.h"

namespace logexport {
namespace {

// One for each exporter: whatever Auth0 or Segment answers, none of this exporter's secrets is in
// it.
struct ExporterTransport {
  RedactingTransport transport;
};

// The transport is a base too, and the first, since it has to outlive the adapters.
struct HttpComponents : ExporterTransport, ExporterComponents {
  HttpComponents(HttpTransport& shared, const ExporterSettings& settings)
      : ExporterTransport{RedactingTransport(
            shared, {settings.auth0.client_secret, settings.segment.write_key})} {}
};

}  // namespace

absl::StatusOr<std::shared_ptr<ExporterComponents>> HttpComponentFactory::Make(
    const ExporterSettings& settings) {
  auto components = std::make_shared<HttpComponents>(transport_, settings);
  HttpTransport& transport = components->transport;
  Auth0Sources sources = MakeAuth0Sources(settings.auth0, settings.profile, transport, clock_);
  components->source = std::move(sources.logs);
  components->profiles = std::move(sources.profiles);
  components->sink = MakeSegmentSink(settings.segment, transport, clock_);
  return components;
}

std::unique_ptr<EventMapper> HttpComponentFactory::MakeMapper(const ExporterSettings& settings) {
  const absl::StatusOr<std::string> tenant = TenantOfAudience(settings.auth0.audience);
  return MakeEventMapper(settings.segment, settings.privacy, settings.profile,
                         tenant.ok() ? *tenant : settings.auth0.audience);
}

}  // namespace logexport
