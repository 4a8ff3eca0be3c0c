#ifndef LOGEXPORT_SERVICE_SEGMENT_KEY_MEANINGS_H_
#define LOGEXPORT_SERVICE_SEGMENT_KEY_MEANINGS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>

#include "absl/strings/string_view.h"

namespace logexport {

// What a field of a log is to a Segment event.
enum class FieldRole : std::uint8_t {
  kProperty,
  kDropped,  // said elsewhere in the event
  kIdCopy,
  kUserId,
  kUserName,
  kClientId,
  kDate,
  kDescription,
  kIp,
  kUserAgent,
  kScope,
  kDetails,
  kLocationInfo,
};

struct KeyMeaning {
  FieldRole role = FieldRole::kProperty;
  // The name as a property where it is not the key itself: in snake_case, and with the prefix
  // `auth0_` if events have a property of that name anyway, or Segment reserves it (`level`,
  // `value` …). Else empty.
  std::string name;
};

// Remembers what the keys of logs mean, since there are few of them and each log has the same ones.
// In passing it tells whether a log may hold a key twice. One thread at a time.
class KeyMeanings {
 public:
  // From here on a new log's keys are asked for. What Of has answered so far may be gone.
  void BeginLog();
  const KeyMeaning& Of(absl::string_view key);
  // False if each of the log's keys so far is different. May be true also if they are.
  bool may_repeat() const { return may_repeat_; }

 private:
  struct Entry {
    std::string key;
    KeyMeaning meaning;
    std::uint64_t last_log = 0;  // that had the key
  };

  const KeyMeaning& Add(absl::string_view key, std::size_t slot);

  static constexpr std::size_t kSlots = 512;
  std::array<Entry*, kSlots> slots_{};  // by hash, in the next free slot
  std::deque<Entry> entries_;
  std::deque<KeyMeaning> not_kept_;
  std::uint64_t log_ = 0;
  bool may_repeat_ = false;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_SEGMENT_KEY_MEANINGS_H_
