#include "service/control/known_names.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "service/base/spelling.h"

namespace logexport {
namespace {

// More than these are looked up rather than listed.
constexpr std::size_t kMostListed = 12;

// The names of the values but the first, which means "not set".
std::vector<std::string> NamesOf(const google::protobuf::EnumDescriptor& type) {
  const std::string suffix = "UNSPECIFIED";
  const std::string unset = type.value(0)->name();
  const std::size_t prefix = unset.size() - (absl::EndsWith(unset, suffix) ? suffix.size() : 0);
  std::vector<std::string> names;
  for (int i = 1; i < type.value_count(); ++i) {
    names.push_back(type.value(i)->name().substr(prefix));
  }
  return names;
}

}  // namespace

void CheckNames(absl::string_view field,
                const google::protobuf::RepeatedPtrField<std::string>& names,
                absl::string_view what, const std::vector<std::string>& known,
                std::vector<ApiError::Violation>* violations) {
  for (const std::string& name : names) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    const std::string nearest = NearestWord(name, known);
    std::string description = absl::StrCat("there is no ", what, " ", Quoted(name));
    if (!nearest.empty()) {
      absl::StrAppend(&description, "; did you mean ", nearest, "?");
    } else if (known.size() <= kMostListed) {
      absl::StrAppend(&description, "; there are ", absl::StrJoin(known, ", "));
    }
    violations->push_back({std::string(field), std::move(description)});
  }
}

void CheckNames(absl::string_view field,
                const google::protobuf::RepeatedPtrField<std::string>& names,
                const google::protobuf::EnumDescriptor& type,
                std::vector<ApiError::Violation>* violations) {
  CheckNames(field, names, "reason", NamesOf(type), violations);
}

}  // namespace logexport
