#include "service/control/stored_answer.h"

#include <optional>

#include "service/base/status_macros.h"

namespace logexport {
namespace {

// A little less than WriteOnce lets an answer count, so that it still does when the write comes.
constexpr absl::Duration kAnswerCounts = absl::Minutes(24 * 60 - 1);

}  // namespace

absl::StatusOr<bool> IsAnswered(Transaction& tx, Clock& clock, absl::string_view request_id) {
  if (request_id.empty()) return false;
  ASSIGN_OR_RETURN(const std::optional<StoredAnswer> stored, tx.FindAnswer(request_id));
  return stored.has_value() && clock.Now() - stored->created < kAnswerCounts;
}

}  // namespace logexport
