#ifndef LOGEXPORT_SERVICE_SEGMENT_EXTENSION_EVENT_H_
#define LOGEXPORT_SERVICE_SEGMENT_EXTENSION_EVENT_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

#include "service/export/log.h"
#include "service/json/json_slice_reader.h"

namespace logexport {

// The events of the extension "Auth0 Logs to Segment", for those who move over from it: one track
// for each log of type s, ss or f that has a user, with what Auth0 knows of that user as its
// properties.

// Whether the extension would have exported a log of this type.
bool IsExtensionType(absl::string_view code);

// "Success Login", "Success Signup", "Failed Login".
std::string ExtensionEventName(const LogType& type);

// The properties of such an event. One thread at a time.
class ExtensionProperties {
 public:
  // Appends `,"properties":{…}`: the members of the profile's user_metadata, of the profile itself
  // without its members user_metadata and app_metadata, and of its app_metadata. Of members with
  // the same name the last counts. Nothing is merged any deeper, and nulls stay. Without a profile
  // (empty) the properties are empty, as they are for one that is no sound JSON object. `profile`
  // must be followed by 64 readable bytes.
  void Append(absl::string_view profile, std::string* out);

 private:
  // One each, since what a reader hands out lasts until it reads again.
  JsonReader profile_reader_;
  JsonReader user_metadata_reader_;
  JsonReader app_metadata_reader_;
  std::vector<JsonField> profile_;
  std::vector<JsonField> app_metadata_;
  std::vector<JsonField> merged_;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_SEGMENT_EXTENSION_EVENT_H_
