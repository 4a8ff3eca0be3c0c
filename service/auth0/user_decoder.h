#ifndef LOGEXPORT_SERVICE_AUTH0_USER_DECODER_H_
#define LOGEXPORT_SERVICE_AUTH0_USER_DECODER_H_

#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"

namespace logexport {

struct User {
  std::string user_id;
  std::string json;  // an object with the allowed fields only, as Auth0 gave their values
};

// Reads the answer of GET /api/v2/users (an array, or an object with it as `users`) or of
// GET /api/v2/users/{id} (an object). Whatever the answer holds beyond `allowed` is dropped, also
// when Auth0 was asked to leave it out. Users without a user_id are left out. Invalid UTF-8 is
// replaced. Errors are INVALID_ARGUMENT, in words that complete "Auth0 answered something that …".
absl::StatusOr<std::vector<User>> DecodeUsers(std::string body,
                                              const absl::flat_hash_set<std::string>& allowed);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_AUTH0_USER_DECODER_H_
