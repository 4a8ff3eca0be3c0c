#ifndef LOGEXPORT_TESTS_CHAOS_COMMIT_HISTORY_H_
#define LOGEXPORT_TESTS_CHAOS_COMMIT_HISTORY_H_

#include <cstdint>
#include <functional>
#include <string>

namespace logexport {

// Every change of every checkpoint's row, as the database itself saw it: written by a trigger in
// the transaction that makes the change, so that it is there exactly if the change is, on every
// server that the database lives on. `Query` answers the first value of a statement.
class CommitHistory {
 public:
  using Query = std::function<std::string(const std::string& sql)>;

  // Begins to write it. The members' tables are there.
  static void Begin(const Query& query);

  // One chain of versions for each exporter, epochs that only grow, none that changed hands without
  // a new one, and no commit but by a run of the owner in the row's own epoch.
  static void ExpectOneChain(const Query& query);
  // Commits of runs.
  static std::int64_t Commits(const Query& query);
};

}  // namespace logexport

#endif  // LOGEXPORT_TESTS_CHAOS_COMMIT_HISTORY_H_
