#include "service/config/violation.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace logexport {

ConfigViolation MakeViolation(std::string field, std::string description,
                              ConfigViolation::Kind kind) {
  ConfigViolation violation;
  violation.kind = kind;
  violation.field = std::move(field);
  violation.description = std::move(description);
  return violation;
}

ConfigViolation MakeViolationAt(std::string origin, std::string field, std::string description) {
  ConfigViolation violation = MakeViolation(std::move(field), std::move(description));
  violation.origin = std::move(origin);
  return violation;
}

std::string ToText(const ConfigViolation& violation) {
  std::string text;
  if (!violation.origin.empty()) absl::StrAppend(&text, violation.origin, ": ");
  if (!violation.exporter.empty()) {
    absl::StrAppend(&text, "exporter ", violation.exporter, ": ");
  }
  if (!violation.field.empty()) absl::StrAppend(&text, violation.field, ": ");
  absl::StrAppend(&text, violation.description);
  return text;
}

std::string OriginOf(const ConfigOrigins& origins, absl::string_view field) {
  while (!field.empty()) {
    if (const auto found = origins.find(std::string(field)); found != origins.end()) {
      return found->second;
    }
    const absl::string_view::size_type cut = field.find_last_of(".[");
    field = cut == absl::string_view::npos ? absl::string_view() : field.substr(0, cut);
  }
  return "";
}

void NameOrigins(const ConfigOrigins& origins, std::vector<ConfigViolation>* violations) {
  for (ConfigViolation& violation : *violations) {
    if (violation.origin.empty()) violation.origin = OriginOf(origins, violation.field);
  }
}

}  // namespace logexport
