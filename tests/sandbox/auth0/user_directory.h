#ifndef LOGEXPORT_TESTS_SANDBOX_AUTH0_USER_DIRECTORY_H_
#define LOGEXPORT_TESTS_SANDBOX_AUTH0_USER_DIRECTORY_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"

namespace logexport::sandbox {

// The users of the simulated tenant, made up from a seed. Not thread-safe.
class UserDirectory {
 public:
  struct User {
    std::string id;  // auth0|…, google-oauth2|…, samlp|…: like real ones, not all URL-safe
    std::string given_name;
    std::string family_name;
    std::string email;
    std::string connection;
    std::string strategy;
    bool deleted = false;  // has logs, but no profile any more
  };

  // Every `deleted_every`-th user is a deleted one; 0: none.
  UserDirectory(std::uint64_t seed, std::size_t count, std::size_t deleted_every);

  std::size_t size() const { return users_.size(); }
  const User& at(std::size_t index) const { return users_[index]; }

  // Adds a user of that id, as met in logs that were not generated. No change if known.
  void AddKnown(absl::string_view id);

  // The user's profile as JSON, as the Management API shows it; empty if unknown or deleted.
  std::string Profile(absl::string_view id) const;

 private:
  void Add(User user);

  std::vector<User> users_;
  absl::flat_hash_map<std::string, std::size_t> by_id_;
};

}  // namespace logexport::sandbox

#endif  // LOGEXPORT_TESTS_SANDBOX_AUTH0_USER_DIRECTORY_H_
