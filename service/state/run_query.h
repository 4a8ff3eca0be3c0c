#ifndef LOGEXPORT_SERVICE_STATE_RUN_QUERY_H_
#define LOGEXPORT_SERVICE_STATE_RUN_QUERY_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "service/state/sql_session.h"
#include "service/state/transaction.h"

namespace logexport {

// Finds the runs of one exporter that a filter asks for, fast however many runs there are: an index
// leads to the runs with one value of one column, newest first, so a filter becomes a few such
// walks (one for each value it allows) whose results are merged. Of several filters the one with
// the fewest runs is walked and the others are checked on the way.
//
// Times become a range of the runs' sequence first (see created_order in migrations.cc), and "at
// least so many logs" becomes the values of logs_magnitude from there on.
class RunQuery {
 public:
  // `filter` and `session` must outlive the query. The filter's exporter is ignored.
  RunQuery(SqlSession& session, absl::string_view exporter, const RunFilter& filter);
  RunQuery(const RunQuery&) = delete;
  RunQuery& operator=(const RunQuery&) = delete;

  // The newest `size` sequences below `before`, newest first.
  absl::StatusOr<std::vector<std::int64_t>> Find(int size, std::int64_t before);

  // How many there are, counting to `limit` at most.
  absl::StatusOr<std::int64_t> Count(std::int64_t limit);

 private:
  // Sequences, `last` included.
  struct Range {
    std::int64_t first = 0;
    std::int64_t last = 0;
  };
  // The runs whose `column` has `value`, in the order of `index`. Without a column: all of them.
  struct Walk {
    absl::string_view index;
    absl::string_view column;
    SqlValue value = 0;
    // Not all runs of this value have enough logs.
    bool check_logs = false;
  };
  using Walks = std::vector<Walk>;
  // One filter: the column it is about, and the walks that serve it.
  struct Choice {
    absl::string_view column;
    Walks walks;
  };

  absl::StatusOr<Range> FindRange();
  absl::StatusOr<std::vector<Choice>> Choices();
  // Answers the walks of the filter with the fewest runs.
  absl::StatusOr<Choice> Choose(const Range& range);

  // Appends the FROM and WHERE of a walk, with all other filters as conditions.
  std::string Conditions(const Choice& choice, const Walk& walk, const Range& range,
                         std::vector<SqlValue>* values) const;
  std::string WalkOnly(const Walk& walk, const Range& range, std::vector<SqlValue>* values) const;

  absl::StatusOr<std::int64_t> SelectInt(absl::string_view sql, absl::Span<const SqlValue> values,
                                         std::int64_t fallback);

  SqlSession& session_;
  const std::string exporter_;
  const RunFilter& filter_;
  const std::vector<std::string> error_reasons_;  // the walks look into it
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_STATE_RUN_QUERY_H_
