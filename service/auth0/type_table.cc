#include "service/auth0/type_table.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

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

// "passkey_register_started" becomes "Passkey Register Started". Empty for a code that is not made
// of such words, of which a name would say no more than the code.
std::string NameInWords(absl::string_view code) {
  std::string name;
  int words = 0;
  for (const absl::string_view word : absl::StrSplit(code, absl::ByAnyChar("_-"))) {
    if (word.empty() || !std::all_of(word.begin(), word.end(), [](char c) {
          return absl::ascii_isalnum(static_cast<unsigned char>(c));
        })) {
      return "";
    }
    absl::StrAppend(&name, words == 0 ? "" : " ", word);
    char& initial = name[name.size() - word.size()];
    initial = absl::ascii_toupper(static_cast<unsigned char>(initial));
    ++words;
  }
  return words > 1 ? name : "";
}

bool IsNameOfKnownType(absl::string_view name) {
  return std::any_of(std::begin(kLogTypes), std::end(kLogTypes),
                     [name](const LogType& type) { return type.name == name; });
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
  std::string name = NameInWords(code);
  if (name.empty() || IsNameOfKnownType(name)) {
    name = absl::StrCat("Unknown Log Type: ", code.empty() ? absl::string_view("(none)") : code);
  }
  type.name = strings->emplace_back(std::move(name));
  type.category = "other";
  type.level = LevelOfUnknownCode(code);
  return type;
}

}  // namespace logexport
