#ifndef LOGEXPORT_SERVICE_EXPORT_STRETCH_READER_H_
#define LOGEXPORT_SERVICE_EXPORT_STRETCH_READER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "service/export/completeness.h"
#include "service/export/log.h"
#include "service/export/settings.h"
#include "service/state/settled_logs.h"
#include "service/state/store.h"

namespace logexport {

// Finds late logs: tells what is to be read again, and which logs of what was read are late. A log
// is late when it is at or below the checkpoint, above the floor, and not remembered. Of the memory
// it holds what belongs to one page. One thread.
class StretchReader {
 public:
  // `store` must outlive it.
  StretchReader(Store& store, std::string exporter, CompletenessSettings settings,
                absl::Duration retention, int page);

  // What is to be read next, or nothing. `now` is the source's time. Errors are the store's.
  absl::StatusOr<std::optional<StretchToRead>> NextDue(absl::Time now);

  // Takes the page that was read after `stretch.after`: leaves only late logs in it. The stretch
  // counts as read up to the end of the page.
  absl::Status KeepLate(const StretchToRead& stretch, Page* page);

  // The passes, given that of the late logs the first `settled` are settled. Empty while nothing is
  // remembered.
  std::vector<CompletenessPass> PassesAfter(std::int64_t settled) const;

 private:
  absl::Status Load(absl::Time now);
  // Notes where the passes are now.
  void NotePasses();

  Store& store_;
  const std::string exporter_;
  const CompletenessSettings settings_;
  CompletenessView view_;
  bool loaded_ = false;
  std::vector<CompletenessPass> passes_;
  std::int64_t late_logs_ = 0;
  // Where the passes were when so many late logs had been found, by their number.
  std::vector<std::pair<std::int64_t, std::vector<CompletenessPass>>> noted_;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_EXPORT_STRETCH_READER_H_
