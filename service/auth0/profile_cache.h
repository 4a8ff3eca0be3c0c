#ifndef LOGEXPORT_SERVICE_AUTH0_PROFILE_CACHE_H_
#define LOGEXPORT_SERVICE_AUTH0_PROFILE_CACHE_H_

#include <cstddef>
#include <list>
#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "service/export/log_source.h"

namespace logexport {

// Profiles by user id, those of users that do not exist (empty ones) included, for a limited time
// and up to a limit of memory; the least recently used go first. One thread at a time.
class ProfileCache {
 public:
  ProfileCache(absl::Duration ttl, std::size_t max_bytes) : ttl_(ttl), max_bytes_(max_bytes) {}

  // Null when it is not there, too old, or of before `changed`. `now` is on the steady clock.
  std::shared_ptr<const Profile> Find(absl::string_view user_id, absl::Duration now,
                                      absl::Time changed = absl::InfinitePast());

  // `as_of`: changes before this, by the tenant's clock, are in the profile.
  void Put(absl::string_view user_id, std::shared_ptr<const Profile> profile, absl::Duration now,
           absl::Time as_of = absl::InfinitePast());

  std::size_t bytes() const { return bytes_; }

 private:
  struct Entry {
    std::string user_id;
    std::shared_ptr<const Profile> profile;
    absl::Duration expires_at;
    absl::Time as_of;
  };
  using Entries = std::list<Entry>;

  static std::size_t Size(const Entry& entry);
  void Remove(Entries::iterator entry);

  const absl::Duration ttl_;
  const std::size_t max_bytes_;
  std::size_t bytes_ = 0;
  Entries entries_;  // most recently used first
  // Keys point into the entries.
  absl::flat_hash_map<absl::string_view, Entries::iterator> index_;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_AUTH0_PROFILE_CACHE_H_
