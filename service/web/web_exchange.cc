#include "service/web/web_exchange.h"

#include <algorithm>

namespace logexport {

absl::string_view WebRequest::Path() const {
  return absl::string_view(target).substr(0, target.find('?'));
}

std::optional<absl::string_view> WebRequest::Field(absl::string_view name) const {
  for (const auto& [field, value] : fields) {
    if (field == name) return value;
  }
  return std::nullopt;
}

bool WebRequest::Repeated(absl::string_view name) const {
  return std::count_if(fields.begin(), fields.end(),
                       [name](const auto& field) { return field.first == name; }) > 1;
}

}  // namespace logexport
