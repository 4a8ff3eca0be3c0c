#ifndef LOGEXPORT_SERVICE_AUTH0_FIELD_PLACES_H_
#define LOGEXPORT_SERVICE_AUTH0_FIELD_PLACES_H_

#include <cstddef>
#include <vector>

#include "absl/strings/string_view.h"

#include "service/export/log.h"

namespace logexport {

// Notes where the fields of the logs of a page stand, while they are decoded (Log::fields). Logs
// with anything in them that needs a closer look get none: escapes in a key, lone surrogates, or
// what may be no sound JSON.
class FieldPlaces {
 public:
  // A log begins with this brace; what was noted of one that was not closed is forgotten.
  void Begin(const char* log);
  // Its next field: `key` stands behind the opening quote.
  void Add(const char* key, const char* value);
  // The log is complete, and stands at `index` in its page.
  void Close(absl::string_view raw, std::size_t index);
  // The page is complete. Once.
  void GiveTo(Page* page);

 private:
  // Where the fields of a log stand among all.
  struct Noted {
    std::size_t log;
    std::size_t first;
    std::size_t count;
  };

  // Ends the value of the last field before `end`, where a comma or the closing brace stands.
  void EndValue(const char* end);

  const char* log_ = nullptr;
  std::size_t first_ = 0;  // of the log that is open
  std::vector<FieldPlace> fields_;
  std::vector<Noted> noted_;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_AUTH0_FIELD_PLACES_H_
