#include "tests/sandbox/segment/event_ledger.h"

#include "absl/hash/hash.h"
#include "absl/strings/str_cat.h"

#include "tests/sandbox/http/http_message.h"

namespace logexport::sandbox {

std::uint64_t EventLedger::HashOf(absl::string_view text) { return absl::HashOf(text); }

std::pair<std::uint64_t, std::uint64_t> EventLedger::TwoHashesOf(absl::string_view text) {
  return {absl::HashOf(text, 1), absl::HashOf(text, 2)};
}

void EventLedger::Add(const EventFacts& event) {
  ++accepted_;
  bool duplicate = false;
  if (event.message_id.empty()) {
    ++without_message_id_;
  } else {
    duplicate = !messages_.insert(TwoHashesOf(event.message_id)).second;
    duplicates_ += duplicate ? 1 : 0;
  }
  const absl::string_view log_id =
      event.log_id.empty() ? LogIdInMessageId(event.message_id) : event.log_id;
  if (!log_id.empty() && !duplicate) {
    logs_.insert(HashOf(log_id));
  }
  if (store_events_) {
    stored_.push_back({stored_bytes_.Copy(event.raw), duplicate});
  }
}

void EventLedger::Clear() {
  messages_.clear();
  logs_.clear();
  stored_.clear();
  stored_bytes_ = Arena();
  accepted_ = 0;
  duplicates_ = 0;
  without_message_id_ = 0;
}

EventLedger::StoredEvent EventLedger::At(std::size_t index) {
  const Stored& stored = stored_[index];
  const std::string batch =
      absl::StrCat("{\"batch\":[", stored.raw, "]}", std::string(kBodyPadding, '\0'));
  const BatchFacts& facts =
      reader_.Read(absl::string_view(batch).substr(0, batch.size() - kBodyPadding));
  StoredEvent event;
  event.raw = std::string(stored.raw);
  event.duplicate = stored.duplicate;
  if (!facts.events.empty()) {
    const EventFacts& read = facts.events.front();
    event.message_id = std::string(read.message_id);
    event.type = std::string(read.type);
    event.event = std::string(read.event);
    event.user_id = std::string(read.user_id);
    event.timestamp = std::string(read.timestamp);
    event.log_id =
        std::string(read.log_id.empty() ? LogIdInMessageId(read.message_id) : read.log_id);
  }
  return event;
}

absl::string_view LogIdInMessageId(absl::string_view message_id) {
  const std::size_t first = message_id.find('-');
  const std::size_t last = message_id.rfind('-');
  if (first == absl::string_view::npos || first == last) {
    return {};
  }
  return message_id.substr(first + 1, last - first - 1);
}

}  // namespace logexport::sandbox
