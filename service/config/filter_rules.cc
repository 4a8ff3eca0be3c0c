#include "service/config/filter_rules.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

#include "logexport/v1/config.pb.h"
#include "service/base/spelling.h"

namespace logexport {
namespace {

using FilterNames = google::protobuf::RepeatedPtrField<std::string>;

bool HoldsName(const FilterNames& names, absl::string_view name) {
  return std::any_of(names.begin(), names.end(),
                     [name](const std::string& held) { return held == name; });
}

class FilterCheck {
 public:
  FilterCheck(const v1::ExporterConfig& config, const std::vector<LogType>& types)
      : config_(config), filter_(config.filter()), types_(types) {}

  std::vector<FilterFinding> Run() && {
    CheckPlaces();
    CheckOwnClient();
    if (findings_.empty()) CheckTypes();
    return std::move(findings_);
  }

 private:
  const LogType* TypeOf(absl::string_view code) const {
    const auto type = std::find_if(types_.begin(), types_.end(),
                                   [code](const LogType& known) { return known.code == code; });
    return type == types_.end() ? nullptr : &*type;
  }
  bool IsCategory(absl::string_view name) const {
    return std::any_of(types_.begin(), types_.end(),
                       [name](const LogType& type) { return type.category == name; });
  }

  // Why no log of the type passes; empty if some do.
  std::string WhyNot(const LogType& type) const {
    if (!filter_.categories().empty() && !HoldsName(filter_.categories(), type.category)) {
      return absl::StrCat("its category is ", type.category,
                          ", which filter.categories leaves out");
    }
    if (type.level < filter_.min_level()) return "its level is below filter.min_level";
    return "";
  }

  void Find(std::string field, std::string description, bool refused) {
    findings_.push_back({std::move(field), std::move(description), refused});
  }

  void CheckPlaces() {
    for (int i = 0; i < filter_.types_size(); ++i) {
      const std::string& code = filter_.types(i);
      if (TypeOf(code) == nullptr && IsCategory(code)) {
        Find(absl::StrCat("filter.types[", i, "]"),
             absl::StrCat("is ", Quoted(code), ", a category; write it in filter.categories"),
             true);
      }
    }
    for (int i = 0; i < filter_.categories_size(); ++i) {
      const std::string& name = filter_.categories(i);
      if (!IsCategory(name) && TypeOf(name) != nullptr) {
        Find(absl::StrCat("filter.categories[", i, "]"),
             absl::StrCat("is ", Quoted(name), ", a log type; write it in filter.types"), true);
      }
    }
  }

  void CheckOwnClient() {
    const FilterNames& clients = filter_.client_ids();
    const bool only_own =
        !clients.empty() && std::all_of(clients.begin(), clients.end(), [&](const auto& id) {
          return id == config_.auth0().client_id();
        });
    if (only_own && filter_.ignore_own_client()) {
      Find("filter.client_ids",
           "lets nothing through: it names only the client of this exporter itself, whose logs "
           "filter.ignore_own_client leaves out",
           true);
    }
  }

  void CheckTypes() {
    if (filter_.types().empty()) {
      const bool all_known = std::all_of(filter_.categories().begin(), filter_.categories().end(),
                                         [&](const auto& name) { return IsCategory(name); });
      const bool some_pass = std::any_of(types_.begin(), types_.end(),
                                         [&](const LogType& type) { return WhyNot(type).empty(); });
      if (!types_.empty() && all_known && !some_pass) {
        Find("filter.categories",
             "lets nothing through: all types of these categories are below filter.min_level",
             true);
      }
      return;
    }
    std::vector<FilterFinding> idle;
    for (int i = 0; i < filter_.types_size(); ++i) {
      const LogType* const type = TypeOf(filter_.types(i));
      const std::string why = type == nullptr ? "" : WhyNot(*type);
      if (why.empty()) continue;
      idle.push_back({absl::StrCat("filter.types[", i, "]"),
                      absl::StrCat("no log of type ", Quoted(filter_.types(i)), " passes: ", why),
                      false});
    }
    if (static_cast<int>(idle.size()) == filter_.types_size()) {
      Find("filter.types", absl::StrCat("lets nothing through: ", idle.front().description), true);
      return;
    }
    findings_ = std::move(idle);
  }

  const v1::ExporterConfig& config_;
  const v1::LogFilter& filter_;
  const std::vector<LogType>& types_;
  std::vector<FilterFinding> findings_;
};

}  // namespace

std::vector<FilterFinding> CheckFilterTogether(const v1::ExporterConfig& config,
                                               const std::vector<LogType>& types) {
  return FilterCheck(config, types).Run();
}

}  // namespace logexport
