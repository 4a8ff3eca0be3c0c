#ifndef LOGEXPORT_CLIENT_CLI_SERIES_LINES_H_
#define LOGEXPORT_CLIENT_CLI_SERIES_LINES_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <google/protobuf/message.h>

namespace logexport::cli {

// A series as lines of small bars, one bar for each step of time, to be seen at a glance.

// The bars: the highest value is a full one, and every value above 0 is to be seen. A step without
// a value is a space.
std::string Sparkline(const std::vector<std::optional<double>>& values);

// For an answer of GetSeries: what it tells, a line each, with the greatest value. More steps than
// `width` has columns are joined. Empty for other answers, and where there is nothing to tell.
std::string SeriesLines(const google::protobuf::Message& answer, std::size_t width);

}  // namespace logexport::cli

#endif  // LOGEXPORT_CLIENT_CLI_SERIES_LINES_H_
