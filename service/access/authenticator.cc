#include "service/access/authenticator.h"

#include <string>

#include "service/control/api_error.h"

namespace logexport {

absl::Status Unauthenticated(absl::string_view message) {
  ApiError error;
  error.code = absl::StatusCode::kUnauthenticated;
  error.reason = "UNAUTHENTICATED";
  error.message = std::string(message);
  return MakeApiError(error);
}

}  // namespace logexport
