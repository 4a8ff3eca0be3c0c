#include "service/segment/log_event.h"

#include <vector>

#include "absl/strings/str_cat.h"

#include "service/base/quoted_text.h"
#include "service/base/utf8.h"
#include "service/segment/event_limits.h"

namespace logexport {
namespace {

void AppendText(absl::string_view text, std::string* out) { out->append(text.data(), text.size()); }

void AppendName(absl::string_view name, std::string* out) {
  *out += ",\"";
  AppendText(name, out);
  *out += "\":";
}

void AppendOptional(absl::string_view name, const JsonSlice& value, std::string* out) {
  if (value.is_null()) return;
  AppendName(name, out);
  AppendValue(value, out);
}

// Whether name and value stand side by side as `"name":value`, as they do in the text of a log.
bool StandTogether(const JsonField& field) {
  const char* const behind = field.key.data() + field.key.size();
  return field.value.text.data() == behind + 2 && behind[0] == '"' && behind[1] == ':' &&
         !field.value.deep;
}

// Most fields keep their names. Where they follow each other in the log without white space, they
// are appended as one text.
void AppendOthers(const std::vector<JsonField>& others, std::string* out) {
  const char* begin = nullptr;  // of what stands together, with the quote
  const char* end = nullptr;
  const auto flush = [&] {
    if (begin == nullptr) return;
    out->push_back(',');
    out->append(begin, static_cast<std::size_t>(end - begin));
    begin = nullptr;
  };
  for (const JsonField& field : others) {
    const char* const value_end = field.value.text.data() + field.value.text.size();
    if (!StandTogether(field)) {
      flush();
      AppendName(field.key, out);
      AppendValue(field.value, out);
      continue;
    }
    const char* const quote = field.key.data() - 1;
    if (begin == nullptr || *end != ',' || quote != end + 1) {
      flush();
      begin = quote;
    }
    end = value_end;
  }
  flush();
}

// A field that does not hold what it should, under its own name.
void AppendLeftOver(absl::string_view name, const JsonSlice& value, std::string* out) {
  if (value.is_string() && value.content().empty()) return;
  AppendOptional(name, value, out);
}

// Auth0 writes scopes as a string in some types of logs and as an array in others.
void AppendScope(const JsonSlice& scope, JsonReader& reader, std::string* out) {
  if (scope.is_null()) return;
  *out += ",\"scope\":";
  std::vector<JsonField>& elements = reader.scratch();
  if (scope.kind != JsonKind::kArray ||
      reader.ReadArray(scope.text, &elements) != JsonReader::Outcome::kRead) {
    AppendAsString(scope, out);
    return;
  }
  out->push_back('"');
  const char* separator = "";
  for (const JsonField& element : elements) {
    if (element.value.is_null()) continue;
    *out += separator;
    separator = " ";
    if (element.value.is_string()) {
      AppendText(element.value.content(), out);
    } else {
      AppendAsJsonText(element.value.text, out);
    }
  }
  out->push_back('"');
}

void AppendDetails(const JsonSlice& details, DetailsForm form, std::string* out) {
  if (details.is_null() || form == DetailsForm::kOmit) return;
  *out += ",\"details\":";
  if (form == DetailsForm::kObject) {
    const bool wrap = details.deep || details.kind != JsonKind::kObject;
    if (wrap) *out += "{\"value\":";
    AppendValue(details, out);
    if (wrap) out->push_back('}');
    return;
  }
  out->push_back('"');
  // More than an event can hold is cut off by ShortenEvent anyway; this spares escaping megabytes.
  AppendAsJsonText(TruncateUtf8(details.text, kMaxEventBytes), out);
  out->push_back('"');
}

}  // namespace

void AppendLogProperties(const Log& log, const LogFields& fields, ContextUse used, TimeSource time,
                         DetailsForm form, JsonReader& reader, std::string* out) {
  *out += ",\"properties\":{\"type\":";
  AppendJsonString(log.type->code, out);
  *out += ",\"log_id\":";
  AppendJsonString(log.id, out);
  *out += ",\"category\":";
  AppendJsonString(log.type->category, out);
  *out += ",\"level\":";
  out->push_back(static_cast<char>('0' + log.type->level));
  *out += ",\"description\":";
  AppendAsString(fields.description, out);
  AppendOthers(fields.others, out);
  if (!used.ip) AppendLeftOver("ip", fields.ip, out);
  if (!used.user_agent) AppendLeftOver("user_agent", fields.user_agent, out);
  if (fields.user().empty()) AppendLeftOver("user_id", fields.user_id, out);
  AppendScope(fields.scope, reader, out);
  AppendOptional("location_info", fields.location_info, out);
  if (time != TimeSource::kDate) {
    AppendLeftOver("date", fields.date, out);
    *out += time == TimeSource::kLogId ? R"(,"timestamp_source":"log_id")"
                                       : R"(,"timestamp_source":"none")";
  }
  if (log.mended || fields.mended) *out += ",\"invalid_utf8\":true";
  AppendDetails(fields.details, form, out);
  out->push_back('}');
}

}  // namespace logexport
