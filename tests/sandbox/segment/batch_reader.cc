#include <simdjson.h>

#include "service/base/time_text.h"
#include "tests/sandbox/http/http_message.h"
#include "tests/sandbox/segment/reserved_names.h"
#include "tests/sandbox/segment/segment_rules.h"

namespace logexport::sandbox {
namespace {

namespace ondemand = simdjson::ondemand;
using Type = ondemand::json_type;

static_assert(kBodyPadding >= simdjson::SIMDJSON_PADDING);

constexpr std::size_t kMaxMessageId = 99;
constexpr std::size_t kMaxProperties = 10'000;

absl::string_view View(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace

struct BatchReader::Impl {
  Impl(std::size_t max_bytes, bool numeric) : max_event_bytes(max_bytes), numeric_ids(numeric) {}

  // Each returns false where the JSON is broken. Every value is visited, as only that finds errors
  // inside it.
  bool ReadBatch(absl::string_view body);
  bool ReadEvents(ondemand::value value);
  bool ReadEvent(ondemand::value value, EventFacts* facts);
  bool ReadEventField(std::string_view key, ondemand::value value, Type type, EventFacts* facts);
  bool ReadMembers(ondemand::value value, ReservedNames names, EventFacts* facts);
  bool ReadString(ondemand::value value, absl::string_view* text);
  bool ReadId(ondemand::value value, Type type, EventFacts* facts);
  bool Visit(ondemand::value value);
  bool VisitExpecting(ondemand::value value, Type type, Type expected, Violation otherwise,
                      EventFacts* facts);
  bool ReadObject(ondemand::value value, Type type, ReservedNames names, Violation otherwise,
                  EventFacts* facts);

  const std::size_t max_event_bytes;
  const bool numeric_ids;
  ondemand::parser parser;
  BatchFacts facts;
  bool has_identity = false;
};

bool BatchReader::Impl::Visit(ondemand::value value) {
  Type type;
  if (value.type().get(type) != simdjson::SUCCESS) {
    return false;
  }
  switch (type) {
    case Type::object: {
      ondemand::object object;
      if (value.get_object().get(object) != simdjson::SUCCESS) {
        return false;
      }
      for (auto item : object) {
        std::string_view key;
        ondemand::value child;
        if (item.unescaped_key().get(key) != simdjson::SUCCESS ||
            item.value().get(child) != simdjson::SUCCESS || !Visit(child)) {
          return false;
        }
      }
      return true;
    }
    case Type::array: {
      ondemand::array array;
      if (value.get_array().get(array) != simdjson::SUCCESS) {
        return false;
      }
      for (auto item : array) {
        ondemand::value child;
        if (item.get(child) != simdjson::SUCCESS || !Visit(child)) {
          return false;
        }
      }
      return true;
    }
    case Type::string: {
      absl::string_view text;
      return ReadString(value, &text);
    }
    case Type::number: {
      double number = 0;
      return value.get_double().get(number) == simdjson::SUCCESS;
    }
    case Type::boolean: {
      bool truth = false;
      return value.get_bool().get(truth) == simdjson::SUCCESS;
    }
    case Type::null:
      return value.is_null();
  }
  return false;
}

bool BatchReader::Impl::ReadString(ondemand::value value, absl::string_view* text) {
  std::string_view read;
  if (value.get_string().get(read) != simdjson::SUCCESS) {
    return false;
  }
  *text = View(read);
  return true;
}

bool BatchReader::Impl::VisitExpecting(ondemand::value value, Type type, Type expected,
                                       Violation otherwise, EventFacts* event) {
  if (type != expected && type != Type::null) {
    event->violations.Add(otherwise);
  }
  return Visit(value);
}

bool BatchReader::Impl::ReadId(ondemand::value value, Type type, EventFacts* event) {
  if (type == Type::null) {
    return Visit(value);  // as good as absent
  }
  if (type == Type::number && numeric_ids) {
    has_identity = true;
    return Visit(value);
  }
  if (type != Type::string) {
    has_identity = true;
    event->violations.Add(Violation::kIdNotAString);
    return Visit(value);
  }
  absl::string_view id;
  if (!ReadString(value, &id)) {
    return false;
  }
  has_identity = true;
  if (id.empty()) {
    event->violations.Add(Violation::kIdEmpty);
  }
  if (event->user_id.empty()) {
    event->user_id = id;
  }
  return true;
}

// The properties, the traits or the context of an event.
bool BatchReader::Impl::ReadMembers(ondemand::value value, ReservedNames names, EventFacts* event) {
  ondemand::object object;
  if (value.get_object().get(object) != simdjson::SUCCESS) {
    return false;
  }
  const bool context = names == ReservedNames::kContext;
  std::size_t count = 0;
  for (auto item : object) {
    std::string_view key;
    ondemand::value child;
    Type type;
    if (item.unescaped_key().get(key) != simdjson::SUCCESS ||
        item.value().get(child) != simdjson::SUCCESS ||
        child.type().get(type) != simdjson::SUCCESS) {
      return false;
    }
    ++count;
    absl::string_view text;
    bool read = false;
    if (type == Type::string) {
      read = ReadString(child, &text);
    } else if (context && key == "traits" && type == Type::object) {
      read = ReadMembers(child, ReservedNames::kTraits, event);
    } else {
      read = Visit(child);
    }
    if (!read) {
      return false;
    }
    if (!KeepsReservedType(names, View(key), type, text)) {
      event->violations.Add(context ? Violation::kContextFieldType : Violation::kReservedType);
    }
    if (!context && key == "log_id" && type == Type::string) {
      event->log_id = text;
    }
  }
  if (count > kMaxProperties) {
    event->violations.Add(Violation::kTooManyProperties);
  }
  return true;
}

bool BatchReader::Impl::ReadObject(ondemand::value value, Type type, ReservedNames names,
                                   Violation otherwise, EventFacts* event) {
  if (type == Type::object) {
    return ReadMembers(value, names, event);
  }
  return VisitExpecting(value, type, Type::object, otherwise, event);
}

bool BatchReader::Impl::ReadEventField(std::string_view key, ondemand::value value, Type type,
                                       EventFacts* event) {
  if (key == "userId" || key == "anonymousId") {
    return ReadId(value, type, event);
  }
  if (key == "properties") {
    return ReadObject(value, type, ReservedNames::kProperties, Violation::kPropertiesNotAnObject,
                      event);
  }
  if (key == "traits") {
    return ReadObject(value, type, ReservedNames::kTraits, Violation::kTraitsNotAnObject, event);
  }
  if (key == "context") {
    return ReadObject(value, type, ReservedNames::kContext, Violation::kContextNotAnObject, event);
  }
  if (key == "integrations") {
    return VisitExpecting(value, type, Type::object, Violation::kIntegrationsNotAnObject, event);
  }
  if (key == "messageId") {
    if (type != Type::string) {
      event->violations.Add(Violation::kMessageIdInvalid);
      return Visit(value);
    }
    if (!ReadString(value, &event->message_id)) {
      return false;
    }
    if (event->message_id.empty() || event->message_id.size() > kMaxMessageId) {
      event->violations.Add(Violation::kMessageIdInvalid);
    }
    return true;
  }
  if (key == "timestamp" || key == "sentAt" || key == "originalTimestamp") {
    absl::string_view time;
    if (type == Type::string && !ReadString(value, &time)) {
      return false;
    }
    if (!ParseTimestamp(time).has_value()) {
      event->violations.Add(Violation::kTimestampInvalid);
    }
    if (key == "timestamp") {
      event->timestamp = time;
    }
    return type == Type::string || Visit(value);
  }
  if (type == Type::string && key == "type") return ReadString(value, &event->type);
  if (type == Type::string && key == "event") return ReadString(value, &event->event);
  return Visit(value);
}

bool BatchReader::Impl::ReadEvent(ondemand::value value, EventFacts* event) {
  ondemand::object object;
  std::string_view raw;
  if (value.get_object().get(object) != simdjson::SUCCESS ||
      object.raw_json().get(raw) != simdjson::SUCCESS ||
      object.reset().error() != simdjson::SUCCESS) {
    return false;
  }
  event->raw = View(raw);
  has_identity = false;
  for (auto item : object) {
    std::string_view key;
    ondemand::value child;
    Type type;
    if (item.unescaped_key().get(key) != simdjson::SUCCESS ||
        item.value().get(child) != simdjson::SUCCESS ||
        child.type().get(type) != simdjson::SUCCESS || !ReadEventField(key, child, type, event)) {
      return false;
    }
  }
  if (!has_identity) {
    event->violations.Add(Violation::kNoIdentity);
  }
  if (event->raw.size() > max_event_bytes) {
    event->violations.Add(Violation::kEventTooLarge);
  }
  if (event->type == "track") {
    if (event->event.empty()) {
      event->violations.Add(Violation::kEventNameMissing);
    }
  } else if (event->type != "identify" && event->type != "page" && event->type != "screen" &&
             event->type != "group" && event->type != "alias") {
    event->violations.Add(Violation::kUnknownType);
  }
  return true;
}

bool BatchReader::Impl::ReadEvents(ondemand::value value) {
  ondemand::array events;
  if (value.get_array().get(events) != simdjson::SUCCESS) {
    return false;
  }
  for (auto item : events) {
    ondemand::value child;
    Type type;
    if (item.get(child) != simdjson::SUCCESS || child.type().get(type) != simdjson::SUCCESS) {
      return false;
    }
    EventFacts& event = facts.events.emplace_back();
    if (type != Type::object) {
      event.violations.Add(Violation::kEventNotAnObject);
    }
    if (!(type == Type::object ? ReadEvent(child, &event) : Visit(child))) {
      return false;
    }
  }
  return true;
}

bool BatchReader::Impl::ReadBatch(absl::string_view body) {
  ondemand::document document;
  ondemand::object object;
  if (parser.iterate(body.data(), body.size(), body.size() + kBodyPadding).get(document) !=
          simdjson::SUCCESS ||
      document.get_object().get(object) != simdjson::SUCCESS) {
    return false;
  }
  bool has_batch = false;
  for (auto item : object) {
    std::string_view key;
    ondemand::value value;
    Type type;
    if (item.unescaped_key().get(key) != simdjson::SUCCESS ||
        item.value().get(value) != simdjson::SUCCESS ||
        value.type().get(type) != simdjson::SUCCESS) {
      return false;
    }
    bool read = false;
    if (key == "batch") {
      has_batch = true;
      read = ReadEvents(value);
    } else if (key == "writeKey" && type == Type::string) {
      read = ReadString(value, &facts.write_key);
    } else if (key == "sentAt") {
      absl::string_view time;
      read = type == Type::string ? ReadString(value, &time) : Visit(value);
      facts.has_sent_at = true;
      facts.sent_at_valid = ParseTimestamp(time).has_value();
    } else {
      read = Visit(value);
    }
    if (!read) {
      return false;
    }
  }
  // No location left means that nothing follows the object.
  return has_batch && document.current_location().error() == simdjson::OUT_OF_BOUNDS;
}

BatchReader::BatchReader(std::size_t max_event_bytes, bool numeric_ids)
    : impl_(std::make_unique<Impl>(max_event_bytes, numeric_ids)) {}
BatchReader::~BatchReader() = default;

const BatchFacts& BatchReader::Read(absl::string_view body) {
  impl_->facts.valid_json = false;
  impl_->facts.write_key = {};
  impl_->facts.has_sent_at = false;
  impl_->facts.sent_at_valid = false;
  impl_->facts.events.clear();
  impl_->facts.valid_json = impl_->ReadBatch(body);
  return impl_->facts;
}

}  // namespace logexport::sandbox
