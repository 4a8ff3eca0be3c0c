#ifndef LOGEXPORT_SERVICE_COMPONENT_FACTORY_H_
#define LOGEXPORT_SERVICE_COMPONENT_FACTORY_H_

#include <memory>

#include "service/base/clock.h"
#include "service/export/components.h"
#include "service/http/transport.h"

namespace logexport {

// Makes the adapters that talk to Auth0 and Segment over HTTP. Both arguments must outlive it.
class HttpComponentFactory final : public ComponentFactory {
 public:
  HttpComponentFactory(HttpTransport& transport, Clock& clock)
      : transport_(transport), clock_(clock) {}

  absl::StatusOr<std::shared_ptr<ExporterComponents>> Make(
      const ExporterSettings& settings) override;
  std::unique_ptr<EventMapper> MakeMapper(const ExporterSettings& settings) override;

 private:
  HttpTransport& transport_;
  Clock& clock_;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_COMPONENT_FACTORY_H_
