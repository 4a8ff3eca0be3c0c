#ifndef LOGEXPORT_TESTS_LAYOUT_INCLUDE_GRAPH_H_
#define LOGEXPORT_TESTS_LAYOUT_INCLUDE_GRAPH_H_

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace logexport {

// What stands between the quotes or angle brackets of the #include lines of a file, in their order.
std::vector<std::string> IncludesOf(absl::string_view text);

// The path within the tree of the header of ours that an #include line names, or empty for a header
// of a library and for a generated one.
std::string OurHeader(absl::string_view include);

// A header and its source count as one unit, "service/http/url" for url.h and url.cc, because
// whoever uses the header depends on what the source needs. The client library keeps its headers in
// client/logexport and its sources in client/lib; those are one unit too.
std::string UnitOf(absl::string_view path);

// A unit → the other units whose headers it includes.
using IncludeGraph = std::map<std::string, std::set<std::string>>;

// The graph of these files: path within the tree → text.
IncludeGraph ReadIncludeGraph(const std::map<std::string, std::string>& files);

// Each set of units that all need one another, directly or through others, sorted. Empty if there
// is an order in which every unit comes after those that it needs.
std::vector<std::vector<std::string>> CyclesOf(const IncludeGraph& graph);

}  // namespace logexport

#endif  // LOGEXPORT_TESTS_LAYOUT_INCLUDE_GRAPH_H_
