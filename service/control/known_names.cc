#include "service/control/known_names.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"

#include "service/base/spelling.h"
#include "service/config/slip_rules.h"

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

std::string AsKnown(absl::string_view name, const std::vector<std::string>& known) {
  const auto plain = [](absl::string_view text) {
    return absl::AsciiStrToLower(absl::StrReplaceAll(text, {{"-", ""}, {"_", ""}}));
  };
  const auto same = std::find_if(known.begin(), known.end(), [&](const std::string& candidate) {
    return plain(candidate) == plain(name);
  });
  return same == known.end() ? std::string(name) : *same;
}

void CheckLogTypes(absl::string_view field,
                   const google::protobuf::RepeatedPtrField<std::string>& codes,
                   const std::vector<LogType>& types,
                   std::vector<ApiError::Violation>* violations) {
  const auto is_known = [&](absl::string_view code) {
    return std::any_of(types.begin(), types.end(),
                       [code](const LogType& type) { return type.code == code; });
  };
  for (const std::string& code : codes) {
    if (is_known(code)) continue;
    const std::string lower = absl::AsciiStrToLower(code);
    absl::Status form = CheckListItem(code);
    if (code.empty()) form = absl::InvalidArgumentError("must not be empty");
    if (is_known(lower)) {
      form = absl::InvalidArgumentError(
          absl::StrCat("is ", Quoted(code), "; write ", lower, ", since case matters"));
    }
    if (!form.ok()) violations->push_back({std::string(field), std::string(form.message())});
  }
}

void CheckLogIds(absl::string_view field,
                 const google::protobuf::RepeatedPtrField<std::string>& ids,
                 std::vector<ApiError::Violation>* violations) {
  for (const std::string& id : ids) {
    const absl::Status form = CheckForSlips(id);
    if (!form.ok()) violations->push_back({std::string(field), std::string(form.message())});
  }
}

void CheckNames(absl::string_view field,
                const google::protobuf::RepeatedPtrField<std::string>& names,
                const google::protobuf::EnumDescriptor& type,
                std::vector<ApiError::Violation>* violations) {
  CheckNames(field, names, "reason", NamesOf(type), violations);
}

}  // namespace logexport
