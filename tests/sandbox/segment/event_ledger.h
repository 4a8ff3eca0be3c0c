#ifndef LOGEXPORT_TESTS_SANDBOX_SEGMENT_EVENT_LEDGER_H_
#define LOGEXPORT_TESTS_SANDBOX_SEGMENT_EVENT_LEDGER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"

#include "tests/sandbox/memory/arena.h"
#include "tests/sandbox/segment/segment_rules.h"

namespace logexport::sandbox {

// What Segment has taken: which messageIds (whose repeats it drops), which logs, and unless told
// not to, each event's own bytes. Not thread-safe.
class EventLedger {
 public:
  explicit EventLedger(bool store_events) : store_events_(store_events) {}

  struct StoredEvent {
    std::string message_id;
    std::string type;
    std::string event;
    std::string user_id;
    std::string timestamp;
    std::string log_id;  // as in the event, or taken from the messageId
    bool duplicate = false;
    std::string raw;
  };

  // An event without a messageId is given one, as Segment does: it is never a duplicate.
  void Add(const EventFacts& event);
  void Clear();

  // Whether an event of this log was taken.
  bool HasLog(absl::string_view log_id) const { return logs_.contains(HashOf(log_id)); }
  bool HasMessage(absl::string_view message_id) const {
    return messages_.contains(TwoHashesOf(message_id));
  }

  std::uint64_t accepted() const { return accepted_; }
  std::uint64_t unique() const { return accepted_ - duplicates_; }
  std::uint64_t duplicates() const { return duplicates_; }
  std::uint64_t without_message_id() const { return without_message_id_; }
  std::uint64_t logs() const { return logs_.size(); }

  // In the order taken; duplicates included. Empty if events are not stored.
  std::size_t stored() const { return stored_.size(); }
  StoredEvent At(std::size_t index);

 private:
  static std::uint64_t HashOf(absl::string_view text);
  // Wide enough that no two of many million ids collide.
  static std::pair<std::uint64_t, std::uint64_t> TwoHashesOf(absl::string_view text);

  struct Stored {
    absl::string_view raw;
    bool duplicate;
  };

  const bool store_events_;
  absl::flat_hash_set<std::pair<std::uint64_t, std::uint64_t>> messages_;
  absl::flat_hash_set<std::uint64_t> logs_;
  std::vector<Stored> stored_;
  Arena stored_bytes_;
  std::uint64_t accepted_ = 0;
  std::uint64_t duplicates_ = 0;
  std::uint64_t without_message_id_ = 0;
  // Reads a stored event again, as a batch of one: what is seldom asked for need not be kept.
  BatchReader reader_{SIZE_MAX, true};
};

// The log id in a messageId of the form <namespace>-<log id>-<kind>, else empty.
absl::string_view LogIdInMessageId(absl::string_view message_id);

}  // namespace logexport::sandbox

#endif  // LOGEXPORT_TESTS_SANDBOX_SEGMENT_EVENT_LEDGER_H_
