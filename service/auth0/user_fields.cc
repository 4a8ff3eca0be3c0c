#include "service/auth0/user_fields.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "service/http/url.h"

namespace logexport {

UserFields::UserFields(const std::vector<std::string>& names, bool all_but)
    : names_(names.begin(), names.end()), all_but_(all_but) {
  std::string list = absl::StrJoin(names, ",");
  if (!all_but && !Has("user_id")) absl::StrAppend(&list, ",user_id");
  query_ =
      absl::StrCat("include_fields=", all_but ? "false" : "true", "&fields=", PercentEncode(list));
}

UserFields UserFields::Only(const std::vector<std::string>& names) { return {names, false}; }
UserFields UserFields::AllBut(const std::vector<std::string>& names) { return {names, true}; }

}  // namespace logexport
