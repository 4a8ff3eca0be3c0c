#ifndef LOGEXPORT_SERVICE_RUNS_COMPONENT_CACHE_H_
#define LOGEXPORT_SERVICE_RUNS_COMPONENT_CACHE_H_

#include <memory>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "service/base/mutex.h"
#include "service/export/components.h"

namespace logexport {

// Keeps each exporter's adapters between runs, so that tokens, connections, rate budgets and
// profiles live on, and makes new ones when a setting they are made of has changed. Thread-safe.
class ComponentCache {
 public:
  explicit ComponentCache(ComponentFactory& factory) : factory_(factory) {}

  absl::StatusOr<std::shared_ptr<ExporterComponents>> Get(const ExporterSettings& settings);
  std::unique_ptr<EventMapper> MakeMapper(const ExporterSettings& settings) {
    return factory_.MakeMapper(settings);
  }

  // For adapters that are shared with nobody: to try settings that are not stored.
  ComponentFactory& factory() { return factory_; }

  // The exporter's adapters if it has any.
  std::shared_ptr<ExporterComponents> Find(absl::string_view exporter);
  void Forget(absl::string_view exporter);

 private:
  struct Entry {
    std::string fingerprint;
    std::shared_ptr<ExporterComponents> components;
  };

  ComponentFactory& factory_;
  Mutex mutex_;
  absl::flat_hash_map<std::string, Entry> entries_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_RUNS_COMPONENT_CACHE_H_
