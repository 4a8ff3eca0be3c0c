#include "service/access/caller_address.h"

#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"

namespace logexport {

std::string HostOfAddress(absl::string_view address) {
  if (!absl::StartsWith(address, "ipv4:") && !absl::StartsWith(address, "ipv6:")) {
    return std::string(address);
  }
  std::string plain = absl::StrReplaceAll(address, {{"%5B", "["}, {"%5D", "]"}});
  const std::size_t colon = plain.rfind(':');
  // "ipv6:[::1]" has no port.
  if (colon <= 4 || plain.back() == ']') return plain;
  return plain.substr(0, colon);
}

}  // namespace logexport
