#include "service/auth0/type_table.h"

#include <iterator>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace logexport {
namespace {

constexpr LogType kLogTypes[] = {
#include "service/auth0/log_types.inc"
};

constexpr bool IsSortedAndSound() {
  for (std::size_t i = 0; i < std::size(kLogTypes); ++i) {
    const LogType& type = kLogTypes[i];
    if (type.code.empty() || type.name.empty() || type.category.empty()) return false;
    if (type.level < 1 || type.level > 4) return false;
    if (i > 0 && kLogTypes[i - 1].code.compare(type.code) >= 0) return false;
  }
  return true;
}
static_assert(
    IsSortedAndSound(),
    "log_types.tsv: a field is empty, a level is not 1 to 4, or the codes are not sorted");

int LevelOfUnknownCode(absl::string_view code) {
  if (absl::StartsWith(code, "limit_")) return 4;
  if (absl::StartsWith(code, "f") || absl::EndsWith(code, "_failed") ||
      absl::EndsWith(code, "_failure")) {
    return 3;
  }
  return 1;
}

}  // namespace

const std::vector<LogType>& AllLogTypes() {
  static const auto* const types =
      new std::vector<LogType>(std::begin(kLogTypes), std::end(kLogTypes));
  return *types;
}

const LogType* FindLogType(absl::string_view code) {
  static const auto* const index = [] {
    auto* made = new absl::flat_hash_map<absl::string_view, const LogType*>;
    for (const LogType& type : kLogTypes) made->emplace(type.code, &type);
    return made;
  }();
  const auto found = index->find(code);
  return found == index->end() ? nullptr : found->second;
}

LogType TypeForUnknownCode(absl::string_view code, std::deque<std::string>* strings) {
  LogType type;
  type.code = code;
  type.name = strings->emplace_back(
      absl::StrCat("Unknown Log Type: ", code.empty() ? absl::string_view("(none)") : code));
  type.category = "other";
  type.level = LevelOfUnknownCode(code);
  return type;
}

}  // namespace logexport
