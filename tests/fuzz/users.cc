#include <optional>
#include <string>

#include "service/auth0/user_decoder.h"
#include "service/base/utf8.h"
#include "service/json/json_value.h"
#include "tests/fuzz/targets.h"

namespace logexport {

namespace {

void DecodeAndCheck(absl::string_view input, const UserFields& fields) {
  const absl::StatusOr<std::vector<User>> users = DecodeUsers(std::string(input), fields);
  if (!users.ok()) {
    PromisePrintable(users.status().message(), "errors can be shown");
    return;
  }
  for (const User& user : *users) {
    Promise(!user.user_id.empty() && IsValidUtf8(user.user_id), "users have ids");
    Promise(IsValidUtf8(user.json), "profiles are UTF-8");
    const absl::StatusOr<JsonValue> json = JsonValue::ParseFolded(user.json);
    // Values are passed on as they stand; what is wrong within one is the mapper's to find.
    if (!json.ok()) continue;
    Promise(json->kind == JsonKind::kObject, "profiles are objects");
    for (const JsonValue& member : json->children) {
      Promise(fields.Has(member.key), "profiles hold what is allowed");
    }
  }
}

}  // namespace

// An answer with users; as such Auth0 sends what anybody typed into a profile.
void FuzzUsers(absl::string_view input) {
  for (const UserFields& fields : {UserFields::Only({"user_id", "email", "user_metadata"}),
                                   UserFields::AllBut({"identities"})}) {
    DecodeAndCheck(input, fields);
  }
}

}  // namespace logexport
