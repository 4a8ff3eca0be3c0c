#ifndef LOGEXPORT_TESTS_CRASH_STORED_STATE_H_
#define LOGEXPORT_TESTS_CRASH_STORED_STATE_H_

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "service/state/records.h"

namespace logexport {

// What a dead service has left on disk about the exporter `default`.
struct StoredState {
  ExporterRecord exporter;
  Checkpoint checkpoint;
  std::vector<RunRecord> runs;  // newest first
  // Those that read again for completeness. One that dies before it has found anything leaves no
  // record.
  std::vector<RunRecord> completeness;
  std::set<std::string> dead_letters;
  bool has_unsent_message = false;

  // The logs that its runs, taken together, have counted as settled.
  std::int64_t settled() const;
  bool died_in_a_run() const { return !runs.empty() && !IsFinished(runs.front().state); }
};

// Reads a copy, so that the next start of the service finds the files as the dead one left them.
// Nothing if the service died before the exporter was made. Fails the test if it cannot be read.
std::optional<StoredState> ReadStoredState(const std::string& path);

}  // namespace logexport

#endif  // LOGEXPORT_TESTS_CRASH_STORED_STATE_H_
