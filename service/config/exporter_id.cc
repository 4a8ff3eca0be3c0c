#include "service/config/exporter_id.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/ascii.h"

namespace logexport {
namespace {

constexpr std::size_t kLongestId = 63;  // as for a DNS label, so that the id fits into host names

bool IsAllowed(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return absl::ascii_islower(byte) || absl::ascii_isdigit(byte) || c == '-';
}

}  // namespace

bool IsExporterId(absl::string_view id) {
  return !id.empty() && id.size() <= kLongestId &&
         absl::ascii_islower(static_cast<unsigned char>(id.front())) &&
         std::all_of(id.begin(), id.end(), IsAllowed);
}

}  // namespace logexport
