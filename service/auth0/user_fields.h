#ifndef LOGEXPORT_SERVICE_AUTH0_USER_FIELDS_H_
#define LOGEXPORT_SERVICE_AUTH0_USER_FIELDS_H_

#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"

namespace logexport {

// Which fields of a user are read: those of a list, or all but those of a list.
class UserFields {
 public:
  static UserFields Only(const std::vector<std::string>& names);
  static UserFields AllBut(const std::vector<std::string>& names);

  bool Has(absl::string_view name) const { return names_.contains(name) != all_but_; }

  // The parameters of a request that ask for them, and for the user_id in any case: without it the
  // users of an answer could not be told apart.
  const std::string& query() const { return query_; }

 private:
  UserFields(const std::vector<std::string>& names, bool all_but);

  absl::flat_hash_set<std::string> names_;
  bool all_but_;
  std::string query_;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_AUTH0_USER_FIELDS_H_
