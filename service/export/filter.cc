#include "service/export/filter.h"

#include <vector>

namespace logexport {
namespace {

absl::flat_hash_set<std::string> SetOf(const std::vector<std::string>& values) {
  return {values.begin(), values.end()};
}

}  // namespace

LogFilter::LogFilter(const FilterSettings& settings, absl::string_view own_client_id)
    : types_(SetOf(settings.types)),
      categories_(SetOf(settings.categories)),
      client_ids_(SetOf(settings.client_ids)),
      connections_(SetOf(settings.connections)),
      min_level_(settings.min_level),
      own_client_id_(settings.ignore_own_client ? std::string(own_client_id) : std::string()) {}

absl::string_view LogFilter::ReasonToSkip(const Log& log) const {
  if (!own_client_id_.empty() && log.client_id == own_client_id_) return "OWN_CLIENT";
  if (!types_.empty() && !types_.contains(log.type->code)) return "TYPE";
  if (!categories_.empty() && !categories_.contains(log.type->category)) return "CATEGORY";
  if (log.type->level < min_level_) return "LEVEL";
  if (!client_ids_.empty() && !client_ids_.contains(log.client_id)) return "CLIENT";
  if (!connections_.empty() && !connections_.contains(log.connection)) return "CONNECTION";
  return {};
}

}  // namespace logexport
