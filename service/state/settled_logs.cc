#include "service/state/settled_logs.h"

#include <algorithm>

namespace logexport {

LogIdHash HashOfLogId(absl::string_view id) {
  // FNV-1a, its bits mixed once more (the finalizer of MurmurHash3): ids are hardly more than a
  // count, and no attacker gains anything by two that collide.
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : id) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  hash = (hash ^ hash >> 33) * 0xff51afd7ed558ccd;
  hash = (hash ^ hash >> 33) * 0xc4ceb9fe1a85ec53;
  return hash ^ hash >> 33;
}

LogHour HourOf(std::optional<absl::Time> time) {
  const std::int64_t seconds =
      std::max<std::int64_t>(0, time.has_value() ? absl::ToUnixSeconds(*time) : std::int64_t{0});
  return {seconds / 3600, static_cast<int>(seconds % 3600)};
}

}  // namespace logexport
