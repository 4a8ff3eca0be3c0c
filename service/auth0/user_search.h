#ifndef LOGEXPORT_SERVICE_AUTH0_USER_SEARCH_H_
#define LOGEXPORT_SERVICE_AUTH0_USER_SEARCH_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

#include "service/auth0/user_fields.h"

namespace logexport {

// The most users one search gives.
inline constexpr std::size_t kMostUsersPerSearch = 100;

// The longest target of a request: servers and proxies commonly take lines of 8 KB. A hundred ids
// of the usual length fit.
inline constexpr std::size_t kLongestTarget = 7000;

// Path and query of searches for the users with these ids (Auth0 docs, "User Search Query Syntax":
// user_id:("auth0|1" OR "auth0|2")), each for at most `max_users` of them and not longer than
// kLongestTarget. Ids come in their order.
struct UserSearch {
  std::string target;
  std::vector<std::string> user_ids;
};
std::vector<UserSearch> UserSearches(const std::vector<std::string>& user_ids,
                                     const UserFields& fields, std::size_t max_users);

// Path and query of the read of one user.
std::string UserTarget(absl::string_view user_id, const UserFields& fields);

// Whether there can be a user with this id. Failed logins carry whatever was typed in.
bool CanBeUserId(absl::string_view user_id);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_AUTH0_USER_SEARCH_H_
