#include "client/cli/progress.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <ostream>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"

#include "client/cli/text_table.h"
#include "client/cli/time_input.h"
#include "service/base/count_text.h"

namespace logexport::cli {
namespace {

constexpr std::size_t kBarWidth = 20;
// Often enough to see that it lives, seldom enough for the log of a CI job.
constexpr absl::Duration kLineInterval = absl::Seconds(5);

std::string Name(const std::string& enum_name, absl::string_view prefix) {
  std::string name = absl::AsciiStrToLower(enum_name.substr(prefix.size()));
  return absl::StrReplaceAll(name, {{"_", "-"}});
}

std::string Count(std::int64_t count, absl::string_view what) {
  return absl::StrCat(CountText(count), " ", what);
}

}  // namespace

std::string ProgressLine(const v1::WatchRunResponse& update, std::size_t width) {
  const v1::Report& report = update.report();
  std::vector<std::string> parts = {Name(v1::RunState_Name(report.state()), "RUN_STATE_")};
  if (update.has_percent()) {
    const double percent = std::clamp(update.percent(), 0.0, 100.0);
    const auto filled = static_cast<std::size_t>(std::lround(percent / 100 * kBarWidth));
    absl::StrAppend(&parts.back(), " [", std::string(filled, '#'),
                    std::string(kBarWidth - filled, '-'), "] ", static_cast<int>(percent), "%");
  }
  const v1::Ledger& ledger = report.ledger();
  parts.push_back(Count(ledger.accepted() + ledger.filtered() + ledger.dead_lettered(), "logs"));
  if (update.logs_per_second() > 0) {
    parts.push_back(absl::StrCat(CountText(std::llround(update.logs_per_second())), "/s"));
  }
  if (update.has_eta()) {
    parts.push_back(
        absl::StrCat(FormatRoughDuration(absl::Seconds(update.eta().seconds())), " left"));
  }
  if (ledger.dead_lettered() > 0) parts.push_back(Count(ledger.dead_lettered(), "dead letters"));
  if (report.retries() > 0) parts.push_back(Count(report.retries(), "retries"));
  std::string line = absl::StrJoin(parts, "  ");
  while (parts.size() > 1 && DisplayWidth(line) > width) {
    parts.pop_back();
    line = absl::StrJoin(parts, "  ");
  }
  return line;
}

void ProgressView::Show(const v1::WatchRunResponse& update, absl::Time now) {
  if (terminal_.can_redraw()) {
    const auto width = static_cast<std::size_t>(std::max(terminal_.width() - 1, 20));
    terminal_.err() << "\r\x1b[K" << ProgressLine(update, width) << std::flush;
    drawn_ = true;
    return;
  }
  if (now - last_line_ < kLineInterval && update.phase() != v1::WATCH_PHASE_FINAL) return;
  last_line_ = now;
  terminal_.err() << ProgressLine(update, 200) << std::endl;
}

void ProgressView::Clear() {
  if (!drawn_) return;
  terminal_.err() << "\r\x1b[K" << std::flush;
  drawn_ = false;
}

}  // namespace logexport::cli
