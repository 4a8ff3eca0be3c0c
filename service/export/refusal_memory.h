#ifndef LOGEXPORT_SERVICE_EXPORT_REFUSAL_MEMORY_H_
#define LOGEXPORT_SERVICE_EXPORT_REFUSAL_MEMORY_H_

#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"

#include "service/base/mutex.h"
#include "service/export/settings.h"

namespace logexport {

// Tells a destination from others: its endpoint and write key, as 16 hex digits.
std::string DestinationOf(const SegmentSettings& settings);

// Whether the destination has accepted nothing since it last refused an event. It outlives the run:
// one refused event may be at fault itself, but if the next one is refused as well and nothing was
// accepted in between, the destination refuses everything. Without this memory an exporter with one
// log per run would make a dead letter of each log and call every run a success. Thread-safe.
class RefusalMemory {
 public:
  // `stored` is the destination that the store remembers as refusing; empty: none. A destination
  // that was changed since starts anew.
  RefusalMemory(std::string destination, std::string stored);

  // Whether the destination was refusing when the run began.
  bool refused_before() const { return refused_before_; }

  void Refused();
  void Accepted();

  // What the store is to remember from now on; nothing if it does so already.
  std::optional<std::string> ToStore() const;
  // `value` of ToStore is stored.
  void Stored(absl::string_view value);

 private:
  const std::string destination_;
  const bool refused_before_;
  mutable Mutex mutex_;
  bool refusing_ ABSL_GUARDED_BY(mutex_);
  std::string stored_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_EXPORT_REFUSAL_MEMORY_H_
