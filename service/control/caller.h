#ifndef LOGEXPORT_SERVICE_CONTROL_CALLER_H_
#define LOGEXPORT_SERVICE_CONTROL_CALLER_H_

#include <string>

#include "service/state/records.h"

namespace logexport {

// Who makes a call, as far as the transport could tell.
struct Caller {
  std::string name;       // a token's or certificate's name, else the peer's address
  bool verified = false;  // false when it is only the address

  Audit AuditWith(std::string reason) const { return {name, verified, std::move(reason)}; }
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_CONTROL_CALLER_H_
