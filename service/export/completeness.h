#ifndef LOGEXPORT_SERVICE_EXPORT_COMPLETENESS_H_
#define LOGEXPORT_SERVICE_EXPORT_COMPLETENESS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"

#include "service/export/settings.h"
#include "service/state/records.h"
#include "service/state/settled_logs.h"

namespace logexport {

// What is to be read again, and when. Auth0 may show a log hours after its neighbours were
// exported. So every stretch of logs is read again when it reaches each of a few ages, and what was
// not settled before is exported then.

// The ages at which logs are read again, each one once, in ascending order. An age beyond what
// Auth0 keeps (`retention`; zero: not known) is moved inside it.
std::vector<absl::Duration> AgesToReadAgain(const CompletenessSettings& settings,
                                            absl::Duration retention);

// How long a stretch of less than a page may wait for more logs after it has reached an age, so
// that a quiet tenant does not cost a request for every few logs.
absl::Duration WaitForFullPage(absl::Duration age, absl::Duration retention);

// What decisions are made from. Times are of Auth0's clock.
struct CompletenessView {
  Position checkpoint;
  std::string floor;  // see CompletenessRecord
  absl::Time now;
  absl::Duration retention;  // zero: not known
  int page = 100;            // logs per read
};

// Whether the age of this exporter's logs can be told from their ids, and so whether anything is
// read again at all.
bool IdsTellAge(const Position& checkpoint);

// The passes with those ages, in ascending order. One that is new begins where logs have that age
// now, or at the floor where there were no passes at all. What was read at a greater age was read
// at a smaller one, too.
std::vector<CompletenessPass> PassesFor(const std::vector<absl::Duration>& ages,
                                        const std::vector<CompletenessPass>& stored,
                                        const CompletenessView& view);

// Logs to be read again: those after the id `after`, up to the id `until`.
struct StretchToRead {
  absl::Duration age;
  std::string after;
  std::string until;
};

// What one pass is to read next.
struct StretchDecision {
  // Where the pass is by now: it leaves out what was first read at its age, or later.
  std::string read_up_to;
  std::optional<StretchToRead> due;
};

// `remembered` are the pieces of the memory (ListRemembered) that end where the pass is, or later.
StretchDecision DecideStretch(const CompletenessPass& pass, const CompletenessView& view,
                              const std::vector<RememberedStretch>& remembered);

// Up to when every log was read at every age. `exported_until` is the time up to which everything
// was exported. Nothing when it is not known.
std::optional<absl::Time> ConfirmedUntil(const std::vector<CompletenessPass>& passes,
                                         const CompletenessView& view, absl::Time exported_until);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_EXPORT_COMPLETENESS_H_
