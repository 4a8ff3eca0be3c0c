#include "service/access/token_file.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace logexport {
namespace {

v1::Role ParseRole(absl::string_view name) {
  if (name == "viewer") return v1::ROLE_VIEWER;
  if (name == "operator") return v1::ROLE_OPERATOR;
  if (name == "admin") return v1::ROLE_ADMIN;
  return v1::ROLE_UNSPECIFIED;
}

}  // namespace

absl::StatusOr<std::vector<KnownToken>> ParseTokenFile(absl::string_view text) {
  std::vector<KnownToken> tokens;
  std::vector<std::string> problems;
  int number = 0;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    ++number;
    const absl::string_view content = absl::StripAsciiWhitespace(line);
    if (content.empty() || content.front() == '#') continue;
    const std::vector<std::string> parts =
        absl::StrSplit(content, absl::ByAnyChar(" \t"), absl::SkipEmpty());
    const auto problem = [&](absl::string_view what) {
      problems.push_back(absl::StrCat("line ", number, ": ", what));
    };
    if (parts.size() != 3) {
      problem("is not NAME ROLE SHA256");
      continue;
    }
    KnownToken token{parts[0], ParseRole(parts[1]), absl::AsciiStrToLower(parts[2])};
    if (token.role == v1::ROLE_UNSPECIFIED) problem("the role is viewer, operator or admin");
    if (token.sha256.size() != 64 ||
        !std::all_of(token.sha256.begin(), token.sha256.end(), absl::ascii_isxdigit)) {
      problem("the third word is not a SHA-256 digest of 64 hex digits");
    }
    tokens.push_back(std::move(token));
  }
  if (tokens.empty() && problems.empty()) problems.push_back("it names no token");
  if (!problems.empty()) return absl::InvalidArgumentError(absl::StrJoin(problems, "; "));
  return tokens;
}

}  // namespace logexport
