#ifndef LOGEXPORT_SERVICE_SEGMENT_EVENT_LIMITS_H_
#define LOGEXPORT_SERVICE_SEGMENT_EVENT_LIMITS_H_

#include <cstddef>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace logexport {

// Segment takes events of up to 32 KB (HTTP API docs), which its own libraries read as 32,000 or
// 32,768 bytes of encoded JSON. The limit of 10,000 properties an event cannot be reached within
// it: the shortest property takes five bytes.
inline constexpr std::size_t kMaxEventBytes = 32'000;

// The event cut down to `max_bytes`: `properties.details` first, then the longest strings, all to
// the same length, but for what identifies the event (type, name, ids, time). Strings are cut
// between code points and stay strings. A `details` object whose strings do not yield enough is
// left out. `truncated: true` is set in the properties, or in the context of an identify call.
// Nothing if that does not make it small enough.
std::optional<std::string> ShortenEvent(absl::string_view event,
                                        std::size_t max_bytes = kMaxEventBytes);

// The same for events separated by commas: the largest are cut, all to the same size, so that with
// their commas they have at most `max_bytes`.
std::optional<std::string> ShortenEvents(absl::string_view events, std::size_t max_bytes);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_SEGMENT_EVENT_LIMITS_H_
