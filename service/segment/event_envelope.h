#ifndef LOGEXPORT_SERVICE_SEGMENT_EVENT_ENVELOPE_H_
#define LOGEXPORT_SERVICE_SEGMENT_EVENT_ENVELOPE_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

#include "service/export/log.h"
#include "service/json/json_slice_reader.h"
#include "service/segment/log_fields.h"

namespace logexport {

// The version of the service, as events name it in context.library.
absl::string_view LibraryVersion();

// Where an event's timestamp was taken from.
enum class TimeSource { kDate, kLogId, kNone };

// Who an event is about: exactly one of the two is not empty. As content of a JSON string.
struct Subject {
  absl::string_view user_id;
  absl::string_view anonymous_id;
};

// Writes what all calls of Segment's HTTP API have in common: who, when, and the id by which
// Segment recognises a repetition. One thread at a time.
class EventEnvelope {
 public:
  // `message_namespace` and `generation` as in SegmentSettings.
  EventEnvelope(absl::string_view message_namespace, std::int64_t generation);

  // Appends `{"type":"track","event":…` up to the timestamp, without a comma after it; the caller
  // goes on with its own members and closes the object.
  TimeSource BeginTrack(absl::string_view event, const Subject& subject, const Log& log,
                        const LogFields& fields, std::string* out) const;
  // The same for an identify call.
  TimeSource BeginIdentify(const Subject& subject, const Log& log, const LogFields& fields,
                           std::string* out) const;

 private:
  TimeSource AppendCommon(const Subject& subject, const Log& log, const LogFields& fields,
                          absl::string_view kind, std::string* out) const;

  std::string message_id_prefix_;
};

// What stands in an event's context besides the library. Members that are empty are left out.
struct EventContext {
  // Null: neither address nor agent nor place.
  const LogFields* fields = nullptr;
  // The members of a JSON object, without braces.
  absl::string_view traits;
  // Name of the key of the hashes in the event.
  absl::string_view privacy_key_id;
};

// Which of a log's fields found a place in the context; the others are left to be properties.
struct ContextUse {
  bool ip = false;
  bool user_agent = false;
};

// Appends `,"context":{…}`.
ContextUse AppendContext(const EventContext& context, JsonReader& reader, std::string* out);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_SEGMENT_EVENT_ENVELOPE_H_
