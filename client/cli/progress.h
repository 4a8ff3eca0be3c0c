#ifndef LOGEXPORT_CLIENT_CLI_PROGRESS_H_
#define LOGEXPORT_CLIENT_CLI_PROGRESS_H_

#include <cstddef>
#include <string>

#include "absl/time/time.h"

#include "client/cli/terminal.h"
#include "logexport/v1/run.pb.h"

namespace logexport::cli {

// How a run is getting on, as one line of at most `width` columns:
//   running [#########-----------] 45%  12,345 logs  1,234/s  1m 20s left  2 dead letters
// What is unknown is left out; without a percentage there is no bar.
std::string ProgressLine(const v1::WatchRunResponse& update, std::size_t width);

// Shows progress on standard error: one line drawn over and over on a terminal that can do that,
// else a line now and then.
class ProgressView {
 public:
  explicit ProgressView(Terminal& terminal) : terminal_(terminal) {}
  ~ProgressView() { Clear(); }
  ProgressView(const ProgressView&) = delete;
  ProgressView& operator=(const ProgressView&) = delete;

  void Show(const v1::WatchRunResponse& update, absl::Time now);
  // Removes the line that is drawn over, so that something else can be written.
  void Clear();

 private:
  Terminal& terminal_;
  bool drawn_ = false;
  absl::Time last_line_ = absl::InfinitePast();
};

}  // namespace logexport::cli

#endif  // LOGEXPORT_CLIENT_CLI_PROGRESS_H_
