#ifndef LOGEXPORT_SERVICE_EXPORT_COMPONENTS_H_
#define LOGEXPORT_SERVICE_EXPORT_COMPONENTS_H_

#include <memory>

#include "absl/status/statusor.h"

#include "service/export/event_sink.h"
#include "service/export/log_source.h"
#include "service/export/settings.h"

namespace logexport {

// The adapters of one exporter that live across its runs, so that tokens, connections, rate budgets
// and cached profiles do too. Shared by its runs; each member is thread-safe.
struct ExporterComponents {
  std::unique_ptr<LogSource> source;
  std::unique_ptr<ProfileSource> profiles;  // null when profiles are off
  std::unique_ptr<EventSink> sink;
};

// Makes adapters from settings. Implemented where everything is wired together, and by tests.
class ComponentFactory {
 public:
  virtual ~ComponentFactory() = default;
  virtual absl::StatusOr<std::shared_ptr<ExporterComponents>> Make(
      const ExporterSettings& settings) = 0;
  // A mapper of its own for one run or preview: it has state and serves one thread.
  virtual std::unique_ptr<EventMapper> MakeMapper(const ExporterSettings& settings) = 0;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_EXPORT_COMPONENTS_H_
