#ifndef LOGEXPORT_TESTS_SANDBOX_AUTH0_LOG_STORE_H_
#define LOGEXPORT_TESTS_SANDBOX_AUTH0_LOG_STORE_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "tests/sandbox/memory/arena.h"

namespace logexport::sandbox {

// All logs of the simulated tenant as the bytes they are served as, ordered bytewise by id. Logs
// added in that order lie in memory one after another, so that a page is served as a few slices,
// without touching its logs. Bytes once added never move; they live as long as the store. Not
// thread-safe.
class LogStore {
 public:
  struct Log {
    absl::string_view json;
    absl::string_view id;
    absl::string_view type;
    absl::Time date;
  };

  // False if a log with that id is there already; the store is unchanged then.
  bool Add(absl::string_view json, absl::string_view id, absl::string_view type, absl::Time date);
  // The same where `json` holds the id at `id_offset`; the id is not copied.
  bool AddWithIdInside(absl::string_view json, std::size_t id_offset, std::size_t id_size,
                       absl::string_view type, absl::Time date);

  // A log that is there already but listed from `visible` on, as when Auth0 indexes it late. The
  // store has it from the next Show after that time.
  void AddHidden(absl::string_view json, absl::string_view id, absl::string_view type,
                 absl::Time date, absl::Time visible);
  // Adds the hidden logs that are visible by now.
  void Show(absl::Time now);
  std::size_t hidden() const { return hidden_.size(); }

  struct LoadResult {
    std::size_t added = 0;
    std::size_t repeated_ids = 0;
    // The first line that is no JSON object with a log_id or an _id, counted from 1; 0 if none.
    std::size_t bad_line = 0;
    std::size_t bad_lines = 0;
    // Distinct non-empty user_id values, in the order met.
    std::vector<std::string> user_ids;
  };
  // Adds one log per line, whatever their order; nothing if there is a bad line. Of logs with one
  // id the first is kept.
  LoadResult AddNdjson(absl::string_view ndjson);

  std::size_t size() const { return entries_.size(); }
  Log at(std::size_t index) const;
  // The index of the first log whose id is greater than `id`; size() if there is none.
  std::size_t UpperBound(absl::string_view id) const;
  // The index of the log, or size().
  std::size_t Find(absl::string_view id) const;

  // Retention: logs up to `id` are no longer listed by the API. They stay in the store.
  void Expire(absl::string_view id) { first_visible_ = UpperBound(id); }
  std::size_t first_visible() const { return first_visible_; }

  // The logs [begin, end) as a JSON array, in as few slices as possible.
  std::vector<absl::string_view> Slices(std::size_t begin, std::size_t end) const;

  std::uint64_t bytes() const { return bytes_; }

 private:
  struct Entry {
    const char* json;
    const char* id;
    absl::Time date;
    std::uint32_t size;
    std::uint16_t id_size;
    std::uint16_t type;
  };

  struct Hidden {
    std::string json;
    std::string id;
    std::string type;
    absl::Time date;
  };

  bool Insert(Entry entry, absl::string_view id);
  // Followed by the comma that separates it from the next one.
  const char* CopyLog(absl::string_view json);
  std::uint16_t TypeIndex(absl::string_view type);
  std::size_t LowerBound(absl::string_view id) const;

  std::vector<Entry> entries_;
  std::multimap<absl::Time, Hidden> hidden_;  // by when they become visible
  std::size_t first_visible_ = 0;
  Arena logs_;
  Arena ids_;
  std::uint64_t bytes_ = 0;
  std::vector<std::string> types_;
  absl::flat_hash_map<std::string, std::uint16_t> type_index_;
};

// The time that an id carries (900 + UTC YYYYMMDDhhmmss + fraction), or the infinite past.
absl::Time TimeInLogId(absl::string_view id);

}  // namespace logexport::sandbox

#endif  // LOGEXPORT_TESTS_SANDBOX_AUTH0_LOG_STORE_H_
