#ifndef LOGEXPORT_SERVICE_ACCESS_CALLER_ADDRESS_H_
#define LOGEXPORT_SERVICE_ACCESS_CALLER_ADDRESS_H_

#include <string>

#include "absl/strings/string_view.h"

namespace logexport {

// The host in an address as a transport names it, without the port, which is another one for each
// connection: "ipv4:192.0.2.7" of "ipv4:192.0.2.7:40312", "ipv6:[2001:db8::1]" of
// "ipv6:%5B2001:db8::1%5D:40312". Anything else, such as "unix:", stays as it is.
std::string HostOfAddress(absl::string_view address);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_ACCESS_CALLER_ADDRESS_H_
