#ifndef LOGEXPORT_TESTS_SANDBOX_SEGMENT_SEGMENT_RULES_H_
#define LOGEXPORT_TESTS_SANDBOX_SEGMENT_SEGMENT_RULES_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace logexport::sandbox {

// What can be wrong with a batch or an event, by Segment's HTTP API, Spec and "delivery overview"
// pages.
enum class Violation {
  // Segment answers 400.
  kMalformedBatch,  // no JSON object with an array `batch`, or not declared as JSON
  kBatchTooLarge,
  kMissingWriteKey,
  kEventTooLarge,
  // Segment answers 200 and drops the events.
  kWrongWriteKey,
  kEmptyBatch,
  kTooManyEvents,
  kEventNotAnObject,
  kUnknownType,
  kNoIdentity,    // neither userId nor anonymousId
  kIdNotAString,  // userId, anonymousId
  kIdEmpty,
  kEventNameMissing,  // of a track call; or it is no string, or empty
  kPropertiesNotAnObject,
  kTraitsNotAnObject,
  kContextNotAnObject,
  kIntegrationsNotAnObject,
  // Segment takes the event, and spoils it.
  kMessageIdInvalid,   // no string, empty, or 100 characters and more
  kTimestampInvalid,   // timestamp or sentAt, not ISO 8601 with a zone
  kReservedType,       // a reserved property or trait of the wrong type, in the context as well
  kContextFieldType,   // a field of the context of the wrong type
  kTooManyProperties,  // more than 10,000
};
inline constexpr std::size_t kViolations = 22;

absl::string_view ViolationName(Violation violation);
// Whether Segment drops what has this violation (or refuses the batch).
bool LosesTheEvent(Violation violation);

class ViolationSet {
 public:
  void Add(Violation violation) { bits_ |= Bit(violation); }
  bool Contains(Violation violation) const { return (bits_ & Bit(violation)) != 0; }
  bool empty() const { return bits_ == 0; }
  bool LosesTheEvent() const;

 private:
  static std::uint32_t Bit(Violation violation) {
    return std::uint32_t{1} << static_cast<unsigned>(violation);
  }
  std::uint32_t bits_ = 0;
};

// Views lie in the body or in the reader, and are valid until the next Read().
struct EventFacts {
  absl::string_view raw;  // the event as it was sent
  absl::string_view message_id;
  absl::string_view type;
  absl::string_view event;
  absl::string_view user_id;
  absl::string_view timestamp;
  absl::string_view log_id;  // properties.log_id or traits.log_id
  ViolationSet violations;
};

struct BatchFacts {
  bool valid_json = false;  // and an object with an array `batch`
  absl::string_view write_key;
  bool has_sent_at = false;
  bool sent_at_valid = false;
  std::vector<EventFacts> events;
};

// Reads batches and checks every event against the rules. Not thread-safe.
class BatchReader {
 public:
  // Rudder: numbers as ids are taken.
  BatchReader(std::size_t max_event_bytes, bool numeric_ids);
  ~BatchReader();

  // `body` must be followed by kBodyPadding readable bytes. The result is valid until the next
  // call.
  const BatchFacts& Read(absl::string_view body);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace logexport::sandbox

#endif  // LOGEXPORT_TESTS_SANDBOX_SEGMENT_SEGMENT_RULES_H_
