#include "tests/layout/include_graph.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace logexport {
namespace {

// Tarjan's algorithm: the strongly connected components of a graph in one walk of its edges.
class Components {
 public:
  explicit Components(const IncludeGraph& graph) : graph_(graph) {
    for (const auto& [unit, needs] : graph) {
      if (!number_.contains(unit)) Visit(unit);
    }
  }

  // Those of more than one unit.
  std::vector<std::vector<std::string>> cycles() && { return std::move(cycles_); }

 private:
  // Returns the lowest number that `unit` leads back to.
  std::size_t Visit(const std::string& unit) {
    const std::size_t number = number_.size();
    number_[unit] = number;
    path_.push_back(unit);
    std::size_t lowest = number;
    if (const auto needs = graph_.find(unit); needs != graph_.end()) {
      for (const std::string& needed : needs->second) {
        if (!number_.contains(needed)) {
          lowest = std::min(lowest, Visit(needed));
        } else if (std::find(path_.begin(), path_.end(), needed) != path_.end()) {
          lowest = std::min(lowest, number_[needed]);
        }
      }
    }
    if (lowest == number) Close(unit);
    return lowest;
  }

  // Everything on the path from `unit` on is one component.
  void Close(const std::string& unit) {
    const auto first = std::find(path_.begin(), path_.end(), unit);
    std::vector<std::string> component(first, path_.end());
    path_.erase(first, path_.end());
    if (component.size() < 2) return;
    std::sort(component.begin(), component.end());
    cycles_.push_back(std::move(component));
  }

  const IncludeGraph& graph_;
  std::map<std::string, std::size_t> number_;
  std::vector<std::string> path_;
  std::vector<std::vector<std::string>> cycles_;
};

}  // namespace

std::vector<std::string> IncludesOf(absl::string_view text) {
  std::vector<std::string> includes;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    if (!absl::ConsumePrefix(&line, "#include ") || line.size() < 2) continue;
    const std::size_t end = line.find_first_of(">\"", 1);
    if (end != absl::string_view::npos) includes.emplace_back(line.substr(1, end - 1));
  }
  return includes;
}

std::string OurHeader(absl::string_view include) {
  if (absl::EndsWith(include, ".pb.h")) return "";
  for (const char* const top : {"service/", "client/", "tests/", "proto/"}) {
    if (absl::StartsWith(include, top)) return std::string(include);
  }
  // client/ is an include folder itself, so that users write what an installed library has.
  return absl::StartsWith(include, "logexport/") ? absl::StrCat("client/", include) : "";
}

std::string UnitOf(absl::string_view path) {
  const absl::string_view stem = path.substr(0, path.rfind('.'));
  if (absl::StartsWith(stem, "client/lib/")) {
    return absl::StrCat("client/logexport/", absl::StripPrefix(stem, "client/lib/"));
  }
  return std::string(stem);
}

IncludeGraph ReadIncludeGraph(const std::map<std::string, std::string>& files) {
  IncludeGraph graph;
  for (const auto& [path, text] : files) {
    const std::string unit = UnitOf(path);
    std::set<std::string>& needs = graph[unit];
    for (const std::string& include : IncludesOf(text)) {
      const std::string header = OurHeader(include);
      if (!header.empty() && UnitOf(header) != unit) needs.insert(UnitOf(header));
    }
  }
  return graph;
}

std::vector<std::vector<std::string>> CyclesOf(const IncludeGraph& graph) {
  return Components(graph).cycles();
}

}  // namespace logexport
