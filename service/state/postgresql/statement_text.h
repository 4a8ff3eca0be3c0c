#ifndef LOGEXPORT_SERVICE_STATE_POSTGRESQL_STATEMENT_TEXT_H_
#define LOGEXPORT_SERVICE_STATE_POSTGRESQL_STATEMENT_TEXT_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace logexport {

// A statement as PostgreSQL takes it.
struct StatementText {
  std::string text;
  int placeholders = 0;    // $1 to $n
  std::vector<int> lists;  // those of them that are JSON lists, counted from 0
};

// Puts PostgreSQL's words for those that the engines have in common (see SqlSession): all that
// differs between the dialects, in one place.
StatementText ForPostgresql(absl::string_view sql);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_STATE_POSTGRESQL_STATEMENT_TEXT_H_
