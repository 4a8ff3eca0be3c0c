#include "service/config/profile_fields.h"

namespace logexport {

std::vector<std::string> BasicProfileFields() {
  return {"user_id",    "email",    "email_verified", "username",    "phone_number", "picture",
          "name",       "nickname", "given_name",     "family_name", "created_at",   "updated_at",
          "last_login", "last_ip",  "logins_count",   "blocked"};
}

std::vector<std::string> KnownProfileFields() {
  std::vector<std::string> fields = BasicProfileFields();
  fields.insert(fields.end(), {"identities", "user_metadata", "app_metadata"});
  return fields;
}

}  // namespace logexport
