#ifndef LOGEXPORT_TESTS_SEGMENT_MAPPING_H_
#define LOGEXPORT_TESTS_SEGMENT_MAPPING_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

#include "service/export/event_sink.h"
#include "service/export/settings.h"

namespace logexport {

// How the tests map: everything that decides what becomes of a log.
struct MappingOptions {
  SegmentSettings segment;
  PrivacySettings privacy;
  ProfileSettings profile;
  std::string tenant = "harbour.eu.auth0.com";

  MappingOptions() { segment.message_namespace = "0123456789abcdef"; }
};

struct Mapped {
  MapResult result;
  std::vector<std::string> events;
};

// Maps a log as Auth0 would send it, decoded as the service decodes it. `profile` as Profile::json.
// Checks on the way what holds for every answer: sizes that add up, single commas, nothing appended
// unless mapped, text before it left alone.
Mapped MapLog(absl::string_view log_json, const MappingOptions& options = {},
              const std::optional<std::string>& profile = std::nullopt);

// The only event, which fails the test if there is not exactly one.
std::string MapToEvent(absl::string_view log_json, const MappingOptions& options = {},
                       const std::optional<std::string>& profile = std::nullopt);

// The text of what stands at `path` (keys separated by slashes) in `json`, as it stands there;
// empty when there is no such thing.
std::string At(absl::string_view json, absl::string_view path);

}  // namespace logexport

#endif  // LOGEXPORT_TESTS_SEGMENT_MAPPING_H_
