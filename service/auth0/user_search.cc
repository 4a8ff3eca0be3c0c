#include "service/auth0/user_search.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

#include "service/base/utf8.h"
#include "service/http/url.h"

namespace logexport {
namespace {

// Far beyond the ids of any connection; the longest known are e-mail addresses and DNs.
constexpr std::size_t kLongestUserId = 500;

std::string Quoted(absl::string_view user_id) {
  std::string out = "\"";
  for (const char c : user_id) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

}  // namespace

std::vector<UserSearch> UserSearches(const std::vector<std::string>& user_ids,
                                     const UserFields& fields, std::size_t max_users) {
  const std::string prefix =
      absl::StrCat("/api/v2/users?search_engine=v3&per_page=", kMostUsersPerSearch, "&page=0&",
                   fields.query(), "&q=", PercentEncode("user_id:("));
  const std::string separator = PercentEncode(" OR ");
  const std::string suffix = PercentEncode(")");
  std::vector<UserSearch> searches;
  for (const std::string& user_id : user_ids) {
    const std::string term = PercentEncode(Quoted(user_id));
    UserSearch* search = searches.empty() ? nullptr : &searches.back();
    if (search == nullptr || search->user_ids.size() >= max_users ||
        search->target.size() + separator.size() + term.size() + suffix.size() > kLongestTarget) {
      search = &searches.emplace_back();
      search->target = absl::StrCat(prefix, term);
    } else {
      absl::StrAppend(&search->target, separator, term);
    }
    search->user_ids.push_back(user_id);
  }
  for (UserSearch& search : searches) search.target += suffix;
  return searches;
}

std::string UserTarget(absl::string_view user_id, const UserFields& fields) {
  return absl::StrCat("/api/v2/users/", PercentEncode(user_id), "?", fields.query());
}

bool CanBeUserId(absl::string_view user_id) {
  return !user_id.empty() && user_id.size() <= kLongestUserId && user_id != "." &&
         user_id != ".." && IsValidUtf8(user_id) &&
         std::none_of(user_id.begin(), user_id.end(),
                      [](char c) { return absl::ascii_iscntrl(static_cast<unsigned char>(c)); });
}

}  // namespace logexport
