#ifndef LOGEXPORT_SERVICE_EXPORT_LOG_H_
#define LOGEXPORT_SERVICE_EXPORT_LOG_H_

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"

#include "service/json/json_place.h"

namespace logexport {

// What is known of an event-type code ("fp": "Failed Login (Incorrect Password)", level 3,
// category auth.login.fail).
struct LogType {
  absl::string_view code;
  absl::string_view name;  // unique, for people
  absl::string_view
      extension_name;  // the event name the Auth0 extension would have sent; may be empty
  absl::string_view category;
  int level = 1;  // 1 info/success, 2 warning, 3 error, 4 critical
};

// One Auth0 tenant log. The views point into the page that holds the log.
struct Log {
  // `log_id`, else `_id`; compared bytewise; opaque.
  absl::string_view id;
  // The log's own JSON object as Auth0 sent it, numbers and all. Followed by at least 64 readable
  // bytes.
  absl::string_view raw;
  // Where the members of `raw` stand, in its order and with keys that repeat. Then `raw` is sound
  // JSON, and there is no escape in a key nor a lone surrogate anywhere. Empty when it is not known
  // to be like that, and has to be read to find out.
  absl::Span<const JsonPlace> members;
  // Never null: for codes the table does not hold it is one of the page's own, with a name and
  // level made from the code.
  const LogType* type = nullptr;
  // The event's time (`date`), when it could be read.
  std::optional<absl::Time> date;
  // `date` is later than the source's own time.
  bool dated_ahead = false;
  absl::string_view user_id;  // empty when absent, null, or no string or number
  absl::string_view client_id;
  absl::string_view connection;

  enum class Defect {
    kNone,
    kNoId,       // neither log_id nor _id: `id` is "sha256:" + hash of the raw bytes
    kTooLarge,   // larger than the page limit by itself: `raw` holds only {"log_id":…}
    kNotObject,  // an array element that is no object: `id` as for kNoId
  };
  Defect defect = Defect::kNone;
  // Invalid UTF-8 in it was replaced by U+FFFD.
  bool mended = false;

  // When the log came, as far as `date` tells: one that is dated ahead may have come at any time.
  std::optional<absl::Time> credible_date() const { return dated_ahead ? std::nullopt : date; }

  // Whether `id` is Auth0's, so that reading can go on after it and a checkpoint may hold it.
  bool has_id() const { return defect != Defect::kNoId && defect != Defect::kNotObject; }
};

// One answer of the source: logs in its order, and the memory they point into. Move-only.
struct Page {
  std::vector<Log> logs;
  // The id to read after next: the highest id of the page. Empty for an empty page.
  std::string last_id;
  // Logs that follow these were left for a later run: they are younger than the settle delay.
  bool left_out_young = false;
  // How far the id of the first of them is ahead of the source's own time; zero if it is not.
  absl::Duration left_out_ahead;
  // The source's time when it was asked for the page, if known: what came later is not in it.
  std::optional<absl::Time> as_of;

  // What the views point into. Never short enough for the string to hold it inside itself, so that
  // moving the page moves no bytes.
  std::string body;
  std::vector<JsonPlace> members;   // of all logs
  std::deque<std::string> strings;  // unescaped or generated text some views point to
  std::deque<LogType> own_types;

  Page() = default;
  Page(Page&&) = default;
  Page& operator=(Page&&) = default;
  Page(const Page&) = delete;
  Page& operator=(const Page&) = delete;
};

// The time an id carries: "900" followed by 14 digits of UTC date and time (and 6 of microseconds),
// the shape of present-day ids. Nothing for other shapes, which are opaque.
std::optional<absl::Time> TimeOfLogId(absl::string_view id);

// An id of the same shape that stands before every log ingested at `time` or later.
std::string SyntheticLogId(absl::Time time);

// Whether it is such an id, which no log has.
bool IsSyntheticLogId(absl::string_view id);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_EXPORT_LOG_H_
