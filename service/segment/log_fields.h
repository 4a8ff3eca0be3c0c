#ifndef LOGEXPORT_SERVICE_SEGMENT_LOG_FIELDS_H_
#define LOGEXPORT_SERVICE_SEGMENT_LOG_FIELDS_H_

#include <deque>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

#include "service/export/log.h"
#include "service/json/json_slice_reader.h"
#include "service/json/json_text.h"
#include "service/segment/key_meanings.h"

namespace logexport {

// A log taken apart: the fields that have a meaning in a Segment event, and all others under the
// property names they get. Of keys that repeat the last counts. Keys that are spelt differently and
// would become the same property name are kept apart (see unique_names.h).
//
// A log's own names for things that every event carries, or that Segment reserves with another
// meaning (`level`, `value` …), get the prefix `auth0_`.
class LogFields {
 public:
  // Takes the log apart. False if it is no sound JSON object. `details_as_text`: what is inside
  // `details` need not be sound.
  // What is read points into the log, or into this object until its next Read.
  bool Read(const Log& log, bool details_as_text);

  // The same of a log that was taken apart elsewhere: its fields, each key once, unescaped.
  void Take(const std::vector<JsonField>& fields, absl::string_view log_id);

  // What stands for the user: the content of `user_id` if that is a non-empty string, or the digits
  // of a number; else empty. Escaped, as it stands in JSON.
  absl::string_view user() const;
  // The same of `client_id`.
  absl::string_view client() const;

  JsonSlice user_id;
  JsonSlice user_name;
  JsonSlice client_id;
  JsonSlice date;
  JsonSlice description;
  JsonSlice ip;
  JsonSlice user_agent;
  JsonSlice scope;
  JsonSlice details;
  JsonSlice location_info;
  // In the order of the log, without nulls. Keys are property names, each of them once.
  std::vector<JsonField> others;
  // Whether the log held lone surrogates, which are now U+FFFD.
  bool mended = false;

 private:
  void Clear();
  // A field that becomes a property, unless it is null.
  void AddOther(const KeyMeaning& meaning, const JsonField& field);

  JsonReader reader_;
  KeyMeanings meanings_;
  std::vector<JsonField> fields_;
  std::deque<std::string> names_;
  std::vector<std::size_t> made_names_;  // places in `others`
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_SEGMENT_LOG_FIELDS_H_
