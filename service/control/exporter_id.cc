#include "service/control/exporter_id.h"

#include <algorithm>

#include "absl/strings/ascii.h"

#include "service/control/api_error.h"

namespace logexport {

absl::Status CheckExporterId(absl::string_view id) {
  const bool good = !id.empty() && id.size() <= 63 && absl::ascii_islower(id.front()) &&
                    std::all_of(id.begin(), id.end(), [](char c) {
                      return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '-';
                    });
  if (good) return absl::OkStatus();
  return InvalidFields(
      {{"exporter",
        "must be lower-case letters, digits and '-', start with a letter, and have "
        "at most 63 characters"}});
}

}  // namespace logexport
