#ifndef LOGEXPORT_SERVICE_AUTH0_USER_DECODER_H_
#define LOGEXPORT_SERVICE_AUTH0_USER_DECODER_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "service/auth0/user_fields.h"

namespace logexport {

struct User {
  std::string user_id;
  std::string json;  // an object with the fields asked for only, as Auth0 gave their values
};

// Reads the answer of GET /api/v2/users (an array, or an object with it as `users`) or of
// GET /api/v2/users/{id} (an object). Whatever the answer holds beyond `fields` is dropped, also
// when Auth0 was asked to leave it out. Users without a user_id are left out. Invalid UTF-8 is
// replaced. Errors are INVALID_ARGUMENT, in words that complete "Auth0 answered something that …".
absl::StatusOr<std::vector<User>> DecodeUsers(std::string body, const UserFields& fields);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_AUTH0_USER_DECODER_H_
