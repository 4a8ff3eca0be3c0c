#ifndef LOGEXPORT_TESTS_SANDBOX_AUTH0_LOG_QUERY_H_
#define LOGEXPORT_TESTS_SANDBOX_AUTH0_LOG_QUERY_H_

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "tests/sandbox/auth0/log_store.h"

namespace logexport::sandbox {

// The part of Auth0's log search syntax that exporters use (Log Search Query Syntax page): terms
// `field:value`, `field:"value"`, `field:(a OR b)`, ranges [a TO b] and {a TO b} with * as an open
// end, joined by AND (also implied), OR, NOT and parentheses. `date` is compared as a time (a bare
// day is its midnight, UTC), everything else as text, case sensitive and whole.
class LogQuery {
 public:
  // An empty query matches everything.
  static absl::StatusOr<LogQuery> Parse(absl::string_view text);

  bool Matches(const LogStore::Log& log) const;

 private:
  enum class Kind { kAll, kAnd, kOr, kNot, kEquals, kRange };
  struct Node {
    Kind kind = Kind::kAll;
    std::string field;
    std::string low;      // of a range; the value of kEquals
    std::string high;     // "*" is open
    absl::Time low_time;  // where the field is `date`
    absl::Time high_time;
    bool low_inclusive = true;
    bool high_inclusive = true;
    std::vector<Node> children;
  };
  class Parser;

  static bool Matches(const Node& node, const LogStore::Log& log);
  static bool InRange(const Node& node, const LogStore::Log& log);

  Node root_;
};

}  // namespace logexport::sandbox

#endif  // LOGEXPORT_TESTS_SANDBOX_AUTH0_LOG_QUERY_H_
