#include "service/runs/component_cache.h"

#include <algorithm>
#include <utility>

#include "service/base/status_macros.h"

namespace logexport {
namespace {

bool HasToldTime(const ExporterComponents* components) {
  return components != nullptr && components->source != nullptr &&
         components->source->HasToldTime();
}

}  // namespace

ComponentCache::Settings ComponentCache::SettingsOf(const ExporterSettings& settings) {
  Settings made_of{settings.auth0, settings.segment, settings.profile};
  // Only the run uses these, or its mapper: to change one must not cost the token and the budget.
  made_of.auth0.batch_size = 0;
  made_of.auth0.retention = absl::ZeroDuration();
  made_of.segment.region_assumed = false;
  made_of.segment.mapping = MappingKind::kLogEvent;
  made_of.segment.details = DetailsForm::kJsonString;
  made_of.segment.anonymous_id = AnonymousIdSource::kClient;
  made_of.segment.identify = false;
  made_of.segment.max_in_flight = 0;
  made_of.segment.message_namespace.clear();
  made_of.segment.message_generation = 0;
  return made_of;
}

absl::StatusOr<std::shared_ptr<ExporterComponents>> ComponentCache::Get(
    const ExporterSettings& settings) {
  Settings made_of = SettingsOf(settings);
  MutexLock lock(&mutex_);
  Entry& entry = entries_[settings.exporter];
  if (entry.components == nullptr || !(entry.settings == made_of)) {
    ASSIGN_OR_RETURN(entry.components, factory_.Make(settings));
    entry.settings = std::move(made_of);
  }
  return entry.components;
}

std::shared_ptr<ExporterComponents> ComponentCache::Find(absl::string_view exporter) {
  MutexLock lock(&mutex_);
  const auto it = entries_.find(exporter);
  return it == entries_.end() ? nullptr : it->second.components;
}

void ComponentCache::Forget(absl::string_view exporter) {
  MutexLock lock(&mutex_);
  entries_.erase(exporter);
}

bool ComponentCache::HostClockIsChecked() {
  MutexLock lock(&mutex_);
  return std::any_of(entries_.begin(), entries_.end(),
                     [](const auto& entry) { return HasToldTime(entry.second.components.get()); });
}

absl::Duration ComponentCache::HostClockSkew(absl::Duration good_enough) {
  MutexLock lock(&mutex_);
  absl::Duration least = absl::InfiniteDuration();
  for (const auto& [exporter, entry] : entries_) {
    // Who has not answered contradicts nothing.
    if (!HasToldTime(entry.components.get())) continue;
    const absl::Duration skew = entry.components->source->ClockSkew();
    if (absl::AbsDuration(skew) < absl::AbsDuration(least)) least = skew;
    if (absl::AbsDuration(least) <= good_enough) break;
  }
  return least == absl::InfiniteDuration() ? absl::ZeroDuration() : least;
}

}  // namespace logexport
