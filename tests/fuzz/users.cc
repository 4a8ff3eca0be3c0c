#include <optional>
#include <string>

#include "service/auth0/user_decoder.h"
#include "service/base/utf8.h"
#include "service/segment/json_tree.h"
#include "tests/fuzz/targets.h"

namespace logexport {

// An answer with users; as such Auth0 sends what anybody typed into a profile.
void FuzzUsers(absl::string_view input) {
  const absl::flat_hash_set<std::string> allowed = {"user_id", "email", "user_metadata"};
  const absl::StatusOr<std::vector<User>> users = DecodeUsers(std::string(input), allowed);
  if (!users.ok()) {
    PromisePrintable(users.status().message(), "errors can be shown");
    return;
  }
  for (const User& user : *users) {
    Promise(!user.user_id.empty() && IsValidUtf8(user.user_id), "users have ids");
    Promise(IsValidUtf8(user.json), "profiles are UTF-8");
    const std::optional<JsonNode> json = ParseJson(user.json);
    // Values are passed on as they stand; what is wrong within one is the mapper's to find.
    if (!json.has_value()) continue;
    Promise(json->kind == JsonKind::kObject, "profiles are objects");
    for (const JsonNode& member : json->children) {
      Promise(allowed.contains(member.key), "profiles hold what is allowed");
    }
  }
}

}  // namespace logexport
