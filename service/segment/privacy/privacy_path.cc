#include "service/segment/privacy/privacy_path.h"

#include "absl/strings/match.h"

namespace logexport {
namespace {

// Takes one key off the front of `pattern`, with the dot behind it. False if it is another key.
bool Consume(absl::string_view key, absl::string_view* pattern) {
  absl::string_view part = key;
  if (*pattern == "*" || absl::StartsWith(*pattern, "*.")) part = "*";
  if (!absl::StartsWith(*pattern, part)) return false;
  const absl::string_view rest = pattern->substr(part.size());
  if (!rest.empty() && rest[0] != '.') return false;
  *pattern = rest.empty() ? rest : rest.substr(1);
  return true;
}

}  // namespace

PathRelation Relate(absl::string_view pattern, absl::Span<const absl::string_view> keys) {
  if (pattern.empty()) return PathRelation::kUnrelated;
  for (const absl::string_view key : keys) {
    if (pattern.empty()) return PathRelation::kContains;
    if (!Consume(key, &pattern)) return PathRelation::kUnrelated;
  }
  return pattern.empty() ? PathRelation::kNames : PathRelation::kLeadsTo;
}

}  // namespace logexport
