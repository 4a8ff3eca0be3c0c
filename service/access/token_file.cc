#include "service/access/token_file.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include <sys/stat.h>
#include <unistd.h>

#include "service/config/regular_file.h"

namespace logexport {
namespace {

constexpr std::size_t kLongestName = 128;
constexpr std::size_t kLargestTokenFile = std::size_t{1} << 20;
constexpr absl::string_view kDigestOfNothing =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

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
  std::map<std::string, int> lines;  // by digest
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
    if (token.name.size() > kLongestName) {
      problem(absl::StrCat("the name is longer than ", kLongestName, " bytes"));
    }
    if (token.role == v1::ROLE_UNSPECIFIED) problem("the role is viewer, operator or admin");
    if (token.sha256.size() != 64 ||
        !std::all_of(token.sha256.begin(), token.sha256.end(), absl::ascii_isxdigit)) {
      problem("the third word is not a SHA-256 digest of 64 hex digits");
    }
    if (token.sha256 == kDigestOfNothing) {
      problem("the digest is that of an empty token; was the variable with the token empty?");
    }
    const auto [first, is_first] = lines.emplace(token.sha256, number);
    if (!is_first) problem(absl::StrCat("the digest stands in line ", first->second, " already"));
    tokens.push_back(std::move(token));
  }
  if (tokens.empty() && problems.empty()) problems.push_back("it names no token");
  if (!problems.empty()) return absl::InvalidArgumentError(absl::StrJoin(problems, "; "));
  return tokens;
}

absl::StatusOr<std::vector<KnownToken>> ReadTokenFile(const std::string& path) {
  const absl::StatusOr<std::string> content = ReadRegularFile(path, kLargestTokenFile);
  if (!content.ok()) {
    const absl::string_view why = content.status().message();
    return absl::IsNotFound(content.status())
               ? absl::NotFoundError(absl::StrCat(path, " ", why))
               : absl::InvalidArgumentError(absl::StrCat("cannot read ", path, ": it ", why));
  }
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) {
    return absl::NotFoundError(absl::StrCat(path, " does not exist"));
  }
  if ((info.st_mode & S_IWOTH) != 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        path, " can be written by everybody, who could add a token: chmod o-w ", path));
  }
  if (info.st_uid != 0 && info.st_uid != geteuid()) {
    return absl::InvalidArgumentError(absl::StrCat(
        path, " belongs to user ", info.st_uid,
        ", who could add a token: it has to belong to root or to the user of the service"));
  }
  absl::StatusOr<std::vector<KnownToken>> tokens = ParseTokenFile(*content);
  if (!tokens.ok()) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": ", tokens.status().message()));
  }
  return tokens;
}

}  // namespace logexport
