#ifndef LOGEXPORT_SERVICE_EXPORT_BATCH_H_
#define LOGEXPORT_SERVICE_EXPORT_BATCH_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

#include "service/export/log.h"
#include "service/state/records.h"

namespace logexport {

// Why a log is left out that a run only reads past on its way through a window.
inline constexpr absl::string_view kOutsideWindow = "OUTSIDE_WINDOW";

// One admitted log on its way to being settled.
struct BatchEntry {
  enum class Outcome : std::uint8_t {
    kPending,  // its events wait to be accepted
    kAccepted,
    kFiltered,
    kRejected,  // a dead letter: it cannot be mapped to an event that would be accepted
    kRefused,   // a dead letter: the sink refused its event
  };

  const Log* log = nullptr;
  // Its events inside Batch::events; zero bytes when it has none.
  std::uint32_t offset = 0;
  std::uint32_t size = 0;
  std::uint16_t events = 0;
  Outcome outcome = Outcome::kPending;
  absl::string_view filter_reason = {};  // static text
};

// A contiguous run of admitted logs, in the source's order, and the events that those of them
// became which are to be sent. All events of a log are in one batch. Owned by one stage at a time.
struct Batch {
  std::vector<BatchEntry> entries;
  // Events as complete JSON objects separated by single commas.
  std::string events;
  std::int64_t event_count = 0;
  // For entries that are dead-lettered, by their index. Exporter, run and time of recording are
  // completed when they are stored.
  std::vector<std::pair<std::size_t, DeadLetter>> dead_letters;
  // Keep alive what entries point to.
  std::vector<std::shared_ptr<const Page>> pages;
  // Of those that begin in this batch.
  std::size_t page_bytes = 0;

  bool settled = false;      // every entry has an outcome
  bool has_refused = false;  // one of them is kRefused
  bool at_rest = false;      // no sender works on it any more
};

// The dead letter of `log`, without exporter, run and time.
DeadLetter MakeDeadLetter(const Log& log, absl::string_view reason, absl::string_view message);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_EXPORT_BATCH_H_
