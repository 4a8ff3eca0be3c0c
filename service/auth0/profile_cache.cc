#include "service/auth0/profile_cache.h"

#include <utility>

namespace logexport {
namespace {

// What an entry takes beside its texts: list node, map slot, control block.
constexpr std::size_t kOverhead = 200;

}  // namespace

std::size_t ProfileCache::Size(const Entry& entry) {
  return kOverhead + entry.user_id.size() + entry.profile->json.size();
}

void ProfileCache::Remove(Entries::iterator entry) {
  bytes_ -= Size(*entry);
  index_.erase(entry->user_id);
  entries_.erase(entry);
}

std::shared_ptr<const Profile> ProfileCache::Find(absl::string_view user_id, absl::Duration now,
                                                  absl::Time changed) {
  const auto found = index_.find(user_id);
  if (found == index_.end()) return nullptr;
  const Entries::iterator entry = found->second;
  if (entry->expires_at <= now) {
    Remove(entry);
    return nullptr;
  }
  if (entry->as_of < changed) return nullptr;
  entries_.splice(entries_.begin(), entries_, entry);
  return entry->profile;
}

void ProfileCache::Put(absl::string_view user_id, std::shared_ptr<const Profile> profile,
                       absl::Duration now, absl::Time as_of) {
  if (const auto found = index_.find(user_id); found != index_.end()) Remove(found->second);
  entries_.push_front({std::string(user_id), std::move(profile), now + ttl_, as_of});
  index_.emplace(entries_.front().user_id, entries_.begin());
  bytes_ += Size(entries_.front());
  while (bytes_ > max_bytes_ && !entries_.empty()) Remove(std::prev(entries_.end()));
}

}  // namespace logexport
