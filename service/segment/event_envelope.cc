#include "service/segment/event_envelope.h"

#include <algorithm>
#include <array>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include <arpa/inet.h>
#include <netinet/in.h>

#include "service/base/hash.h"
#include "service/base/quoted_text.h"
#include "service/base/time_text.h"
#include "service/base/utf8.h"

#ifndef LOGEXPORT_VERSION
#error "The build defines LOGEXPORT_VERSION"
#endif

namespace logexport {
namespace {

// "messageId … should be less than 100 characters" (Segment HTTP API docs).
constexpr std::size_t kMaxMessageIdBytes = 99;
constexpr std::size_t kMaxEventNameBytes = 200;
constexpr std::size_t kKindBytes = 2;

constexpr char kContextStart[] =
    ",\"context\":{\"library\":{\"name\":\"auth0-logs-to-segment\",\"version\":\"" LOGEXPORT_VERSION
    "\"}";

void Append(absl::string_view text, std::string* out) { out->append(text.data(), text.size()); }

// "2026-11-23T00:51:02.123Z", by its shape alone; that it is a time is known from Log::date. Not
// for a leap second (…:60Z), which many readers of JSON take for no time at all.
bool IsCanonicalTimestamp(const JsonSlice& date) {
  constexpr absl::string_view kShape = "dddd-dd-ddTdd:dd:dd.dddZ";
  if (!date.is_string() || date.content().size() != kShape.size()) return false;
  for (std::size_t i = 0; i < kShape.size(); ++i) {
    const char c = date.content()[i];
    if (kShape[i] == 'd' ? !absl::ascii_isdigit(static_cast<unsigned char>(c)) : c != kShape[i]) {
      return false;
    }
  }
  constexpr std::size_t kSeconds = 17;
  return date.content()[kSeconds] < '6';
}

TimeSource AppendTimestamp(const Log& log, const LogFields& fields, std::string* out) {
  constexpr char kKey[] = ",\"timestamp\":\"";
  if (log.date.has_value()) {
    if (IsCanonicalTimestamp(fields.date)) {
      *out += kKey;
      Append(fields.date.content(), out);
      out->push_back('"');
      return TimeSource::kDate;
    }
    if (IsCalendarTime(*log.date)) {
      absl::StrAppend(out, kKey, FormatTimestamp(*log.date), "\"");
      return TimeSource::kDate;
    }
  }
  if (const std::optional<absl::Time> time = TimeOfLogId(log.id); time.has_value()) {
    absl::StrAppend(out, kKey, FormatTimestamp(*time), "\"");
    return TimeSource::kLogId;
  }
  return TimeSource::kNone;
}

// Whether `text` is an IPv4 or IPv6 address, without a port or a zone. Destinations look addresses
// up, so that nothing else may pass for one.
bool IsIpAddress(absl::string_view text) {
  std::array<char, INET6_ADDRSTRLEN> terminated{};
  if (text.empty() || text.size() >= terminated.size()) return false;
  std::copy(text.begin(), text.end(), terminated.begin());
  std::array<unsigned char, sizeof(in6_addr)> address;
  return inet_pton(AF_INET, terminated.data(), address.data()) == 1 ||
         inet_pton(AF_INET6, terminated.data(), address.data()) == 1;
}

// Appends `,"location":{…}` with Segment's names for what the log knows of the place.
void AppendLocation(const JsonSlice& location_info, JsonReader& reader, std::string* out) {
  struct Part {
    absl::string_view key;
    absl::string_view name;
    bool number;
  };
  constexpr std::array<Part, 4> kParts = {{{"city_name", "\"city\":", false},
                                           {"country_name", "\"country\":", false},
                                           {"latitude", "\"latitude\":", true},
                                           {"longitude", "\"longitude\":", true}}};
  std::vector<JsonField>& fields = reader.scratch();
  if (reader.ReadObject(location_info.text, &fields) != JsonReader::Outcome::kRead) return;
  KeepLastOfEachKey(&fields);
  const std::size_t start = out->size();
  for (const Part& part : kParts) {
    for (const JsonField& field : fields) {
      if (field.key != part.key) continue;
      absl::string_view value = field.value.text;
      // Coordinates come as numbers or as strings.
      if (part.number && field.value.is_string() &&
          CheckScalar(field.value.content()) == JsonSoundness::kSound) {
        value = field.value.content();
      }
      const bool is_number =
          !value.empty() &&
          (value[0] == '-' || absl::ascii_isdigit(static_cast<unsigned char>(value[0])));
      if (part.number ? !is_number : !field.value.is_string() || value.size() == 2) continue;
      out->append(out->size() == start ? ",\"location\":{" : ",");
      Append(part.name, out);
      Append(value, out);
    }
  }
  if (out->size() != start) out->push_back('}');
}

}  // namespace

absl::string_view LibraryVersion() { return LOGEXPORT_VERSION; }

EventEnvelope::EventEnvelope(absl::string_view message_namespace, std::int64_t generation)
    : message_id_prefix_(message_namespace) {
  message_id_prefix_ += '-';
  if (generation != 0) absl::StrAppend(&message_id_prefix_, "g", generation, "-");
}

TimeSource EventEnvelope::BeginTrack(absl::string_view event, const Subject& subject,
                                     const Log& log, const LogFields& fields,
                                     std::string* out) const {
  *out += R"({"type":"track","event":")";
  const absl::string_view name = TruncateUtf8(event, kMaxEventNameBytes);
  AppendJsonEscaped(name.empty() ? "Unknown Log Type" : name, out);
  return AppendCommon(subject, log, fields, "-t", out);
}

TimeSource EventEnvelope::BeginIdentify(const Subject& subject, const Log& log,
                                        const LogFields& fields, std::string* out) const {
  *out += R"({"type":"identify)";
  return AppendCommon(subject, log, fields, "-i", out);
}

TimeSource EventEnvelope::AppendCommon(const Subject& subject, const Log& log,
                                       const LogFields& fields, absl::string_view kind,
                                       std::string* out) const {
  if (!subject.user_id.empty()) {
    *out += R"(","userId":")";
    Append(subject.user_id, out);
  } else {
    *out += R"(","anonymousId":")";
    Append(subject.anonymous_id, out);
  }
  *out += R"(","messageId":")";
  Append(message_id_prefix_, out);
  if (message_id_prefix_.size() + log.id.size() + kKindBytes <= kMaxMessageIdBytes) {
    AppendJsonEscaped(log.id, out);
  } else {
    *out += Sha256Hex(log.id);
  }
  Append(kind, out);
  out->push_back('"');
  return AppendTimestamp(log, fields, out);
}

ContextUse AppendContext(const EventContext& context, JsonReader& reader, std::string* out) {
  ContextUse use;
  *out += kContextStart;
  if (const LogFields* fields = context.fields; fields != nullptr) {
    if (fields->ip.is_string() && IsIpAddress(fields->ip.content())) {
      *out += ",\"ip\":";
      Append(fields->ip.text, out);
      use.ip = true;
    }
    if (fields->user_agent.is_string() && !fields->user_agent.content().empty()) {
      *out += ",\"userAgent\":";
      Append(fields->user_agent.text, out);
      use.user_agent = true;
    }
    if (fields->location_info.kind == JsonKind::kObject && !fields->location_info.deep) {
      AppendLocation(fields->location_info, reader, out);
    }
  }
  if (!context.traits.empty()) {
    *out += ",\"traits\":{";
    Append(context.traits, out);
    out->push_back('}');
  }
  if (!context.privacy_key_id.empty()) {
    *out += ",\"privacy_key_id\":";
    AppendJsonString(context.privacy_key_id, out);
  }
  out->push_back('}');
  return use;
}

}  // namespace logexport
