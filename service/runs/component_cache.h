#ifndef LOGEXPORT_SERVICE_RUNS_COMPONENT_CACHE_H_
#define LOGEXPORT_SERVICE_RUNS_COMPONENT_CACHE_H_

#include <memory>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "service/base/mutex.h"
#include "service/export/components.h"
#include "service/export/settings.h"

namespace logexport {

// Keeps each exporter's adapters between runs, so that tokens, connections, rate budgets and
// profiles live on, and makes new ones when a setting they use has changed. Thread-safe.
class ComponentCache {
 public:
  explicit ComponentCache(ComponentFactory& factory) : factory_(factory) {}

  absl::StatusOr<std::shared_ptr<ExporterComponents>> Get(const ExporterSettings& settings);
  std::unique_ptr<EventMapper> MakeMapper(const ExporterSettings& settings) {
    return factory_.MakeMapper(settings);
  }

  // Makes adapters that are not kept: to try settings that are not stored.
  ComponentFactory& factory() { return factory_; }

  // The exporter's adapters if it has any.
  std::shared_ptr<ExporterComponents> Find(absl::string_view exporter);
  void Forget(absl::string_view exporter);

  // How far the host's clock is ahead of the tenants' clocks, by the tenant that contradicts it
  // least; zero before any of them has answered. Looks for no better one than `good_enough`: there
  // may be thousands.
  absl::Duration HostClockSkew(absl::Duration good_enough = absl::ZeroDuration());

  // Whether any of the tenants has told its time, so that a wrong clock of the host is known.
  bool HostClockIsChecked();

 private:
  // The settings that adapters are made of. One that is new counts unless component_cache.cc leaves
  // it out, so that adapters are never stale.
  struct Settings {
    Auth0Settings auth0;
    SegmentSettings segment;
    ProfileSettings profile;
    friend bool operator==(const Settings&, const Settings&) = default;
  };
  static Settings SettingsOf(const ExporterSettings& settings);

  struct Entry {
    Settings settings;
    std::shared_ptr<ExporterComponents> components;
  };

  ComponentFactory& factory_;
  Mutex mutex_;
  absl::flat_hash_map<std::string, Entry> entries_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_RUNS_COMPONENT_CACHE_H_
