#include "client/cli/series_lines.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"

#include "client/cli/time_input.h"
#include "logexport/v1/series.pb.h"

namespace logexport::cli {
namespace {

constexpr const char* kBars[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
constexpr int kMostBars = 8;
// Beside the bars stand the name of the line and its greatest value.
constexpr std::size_t kBesideBars = 40;
constexpr std::size_t kFewestBars = 20;
constexpr std::size_t kUsualBars = 120;

absl::Duration Of(const google::protobuf::Duration& duration) {
  return absl::Seconds(duration.seconds()) + absl::Nanoseconds(duration.nanos());
}

absl::Time Of(const google::protobuf::Timestamp& time) {
  return absl::FromUnixSeconds(time.seconds()) + absl::Nanoseconds(time.nanos());
}

std::string Count(double value) { return absl::StrFormat("%.0f", value); }
std::string Rate(double value) { return absl::StrFormat("%.3g", value); }
std::string Time(double seconds) { return FormatRoughDuration(absl::Seconds(seconds)); }

struct Line {
  const char* name;
  std::optional<double> (*read)(const v1::SeriesPoint& point);
  std::string (*show)(double value);
  // Steps that are joined are summed up; else the greatest of them counts.
  bool sums = false;
};

constexpr Line kLines[] = {
    {"logs",
     [](const v1::SeriesPoint& point) -> std::optional<double> {
       return static_cast<double>(point.ledger().fetched());
     },
     Count, true},
    {"logs/s",
     [](const v1::SeriesPoint& point) -> std::optional<double> { return point.logs_per_second(); },
     Rate},
    {"failed runs",
     [](const v1::SeriesPoint& point) -> std::optional<double> {
       return static_cast<double>(point.failed_runs());
     },
     Count, true},
    {"lag",
     [](const v1::SeriesPoint& point) -> std::optional<double> {
       if (!point.has_lag()) return std::nullopt;
       return absl::ToDoubleSeconds(Of(point.lag()));
     },
     Time},
    {"longest run",
     [](const v1::SeriesPoint& point) -> std::optional<double> {
       return absl::ToDoubleSeconds(Of(point.longest_run()));
     },
     Time},
};

}  // namespace

std::string Sparkline(const std::vector<std::optional<double>>& values) {
  double most = 0;
  for (const auto& value : values) most = std::max(most, value.value_or(0));
  std::string bars;
  for (const auto& value : values) {
    if (!value.has_value()) {
      bars += " ";
      continue;
    }
    const int height = most > 0 ? static_cast<int>(std::ceil(*value / most * (kMostBars - 1))) : 0;
    bars += kBars[std::clamp(height, 0, kMostBars - 1)];
  }
  return bars;
}

std::string SeriesLines(const google::protobuf::Message& answer, std::size_t width) {
  if (answer.GetDescriptor()->full_name() != v1::GetSeriesResponse::descriptor()->full_name()) {
    return "";
  }
  v1::GetSeriesResponse series;
  if (!series.ParseFromString(answer.SerializeAsString()) || series.points().empty()) return "";
  const absl::Duration step = Of(series.step());
  const absl::Time since = Of(series.since());
  if (step <= absl::ZeroDuration()) return "";
  const std::int64_t steps = std::max<std::int64_t>((Of(series.until()) - since) / step, 1);
  const std::int64_t room = static_cast<std::int64_t>(
      width == 0 ? kUsualBars : std::max(kFewestBars, width - std::min(width, kBesideBars)));
  const std::int64_t joined = (steps + room - 1) / room;

  std::string text;
  for (const Line& line : kLines) {
    std::vector<std::optional<double>> values(
        static_cast<std::size_t>((steps + joined - 1) / joined));
    double most = 0;
    for (const v1::SeriesPoint& point : series.points()) {
      const std::int64_t at = (Of(point.start_time()) - since) / step / joined;
      if (at < 0 || at >= static_cast<std::int64_t>(values.size())) continue;
      const std::optional<double> value = line.read(point);
      if (!value.has_value()) continue;
      std::optional<double>& bar = values[static_cast<std::size_t>(at)];
      bar = line.sums ? bar.value_or(0) + *value : std::max(bar.value_or(0), *value);
      most = std::max(most, *bar);
    }
    absl::StrAppend(&text, absl::StrFormat("%-12s", line.name), Sparkline(values), "  up to ",
                    line.show(most), "\n");
  }
  return text;
}

}  // namespace logexport::cli
