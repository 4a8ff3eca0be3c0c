#ifndef LOGEXPORT_SERVICE_BASE_SPELLING_H_
#define LOGEXPORT_SERVICE_BASE_SPELLING_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace logexport {

// The candidate most like `word`, or nothing when none is near enough to be a slip. Case, `_` and
// `-` make no difference, so batchSize finds batch_size. The beginning of a candidate and the part
// behind its last dot count as near too: get-st finds get-status, cron finds schedule.cron.
std::string NearestWord(absl::string_view word, const std::vector<std::string>& candidates);

// `text` in double quotes for a message: control characters and invalid UTF-8 escaped, long texts
// cut.
std::string Quoted(absl::string_view text);

// `text` for a message as it is, but for control characters and invalid UTF-8, and cut when it is
// very long. For what another library says about an input, parts of which it may repeat.
std::string Printable(absl::string_view text);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_BASE_SPELLING_H_
