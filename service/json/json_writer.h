#ifndef LOGEXPORT_SERVICE_JSON_JSON_WRITER_H_
#define LOGEXPORT_SERVICE_JSON_JSON_WRITER_H_

#include <cstdint>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"

namespace logexport {

// Writes JSON in one pass, placing commas. For small documents (reports, messages, requests);
// events are built by the segment mapper. Usage errors (a value without a key inside an object) are
// programming errors and yield malformed output, not a crash.
class JsonWriter {
 public:
  JsonWriter& BeginObject();
  JsonWriter& EndObject();
  JsonWriter& BeginArray();
  JsonWriter& EndArray();
  JsonWriter& Key(absl::string_view key);
  JsonWriter& String(absl::string_view value);
  JsonWriter& Int(std::int64_t value);
  JsonWriter& Bool(bool value);
  JsonWriter& Null();
  // `json` is valid JSON, taken as it is.
  JsonWriter& Raw(absl::string_view json);

  const std::string& text() const { return text_; }
  std::string Take() && { return std::move(text_); }

 private:
  void BeforeValue();

  std::string text_;
  bool needs_comma_ = false;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_JSON_JSON_WRITER_H_
