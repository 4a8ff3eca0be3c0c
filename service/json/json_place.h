#ifndef LOGEXPORT_SERVICE_JSON_JSON_PLACE_H_
#define LOGEXPORT_SERVICE_JSON_JSON_PLACE_H_

#include <cstdint>

#include "absl/strings/string_view.h"

#include "service/json/json_slice_reader.h"
#include "service/json/json_text.h"

namespace logexport {

// Where a member of an object stands in the object's text, counted from its beginning. A JsonField
// in less than half the memory, for keeping those of many objects.
struct JsonPlace {
  std::uint32_t key = 0;  // behind the quote
  std::uint32_t value = 0;
  std::uint32_t value_size = 0;
  std::uint16_t key_size = 0;
  JsonKind kind = JsonKind::kNull;
};

inline JsonField FieldAt(const JsonPlace& place, absl::string_view object) {
  return {.key = absl::string_view(object.data() + place.key, place.key_size),
          .value = {.text = absl::string_view(object.data() + place.value, place.value_size),
                    .kind = place.kind}};
}

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_JSON_JSON_PLACE_H_
