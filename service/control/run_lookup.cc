#include "service/control/run_lookup.h"

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

#include "service/base/status_macros.h"
#include "service/control/api_error.h"

namespace logexport {
namespace {

constexpr std::size_t kShortestId = 8;
constexpr std::size_t kWholeId = 36;  // a UUID

}  // namespace

absl::StatusOr<RunRecord> FindRun(Transaction& tx, absl::string_view exporter,
                                  absl::string_view run_id, absl::string_view field) {
  absl::StatusOr<RunRecord> run = tx.GetRun(exporter, run_id);
  // A beginning of an id may lie between those of folded runs; but it may also be another's.
  const bool taken = run.ok() && run->run_id != run_id && run_id.size() < kWholeId;
  if (!taken && !absl::IsNotFound(run.status())) return run;
  if (run_id.size() < kShortestId || run_id.size() >= kWholeId) return RunNotFound(run_id);
  ASSIGN_OR_RETURN(const std::vector<std::string> ids, tx.RunIdsWithPrefix(exporter, run_id, 2));
  if (ids.empty()) return RunNotFound(run_id);
  if (ids.size() > 1) {
    return InvalidFields(
        {{std::string(field),
          absl::StrCat("\"", run_id, "\" is the beginning of several run ids, e.g. ", ids[0],
                       " and ", ids[1], "; write more of it")}});
  }
  return tx.GetRun(exporter, ids.front());
}

}  // namespace logexport
