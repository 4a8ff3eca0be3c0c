#include "service/runs/component_cache.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "service/base/hash.h"
#include "service/base/status_macros.h"

namespace logexport {
namespace {

// A hash, so that no secret stays in memory for it. Only what adapters are made of: settings of the
// filter, the schedule or a run's limits leave them as they are.
std::string FingerprintOf(const ExporterSettings& s) {
  return Sha256Hex(absl::StrJoin(
      {s.auth0.base_url, s.auth0.audience, s.auth0.client_id, s.auth0.client_secret,
       absl::FormatDuration(s.auth0.settle_delay), absl::StrCat(s.auth0.rate_limit_reserve_percent),
       s.segment.base_url, s.segment.write_key, absl::StrCat(s.segment.max_events_per_second),
       absl::StrCat(s.segment.gzip), absl::StrCat(s.profile.enabled),
       absl::StrJoin(s.profile.fields, ","), absl::StrCat(s.profile.whole),
       absl::FormatDuration(s.profile.cache_ttl), absl::StrCat(s.profile.rate_share_percent)},
      std::string(1, '\0')));
}

}  // namespace

absl::StatusOr<std::shared_ptr<ExporterComponents>> ComponentCache::Get(
    const ExporterSettings& settings) {
  std::string fingerprint = FingerprintOf(settings);
  MutexLock lock(&mutex_);
  Entry& entry = entries_[settings.exporter];
  if (entry.components == nullptr || entry.fingerprint != fingerprint) {
    ASSIGN_OR_RETURN(entry.components, factory_.Make(settings));
    entry.fingerprint = std::move(fingerprint);
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

}  // namespace logexport
