#ifndef LOGEXPORT_SERVICE_STATE_MIGRATIONS_H_
#define LOGEXPORT_SERVICE_STATE_MIGRATIONS_H_

#include <vector>

#include "absl/strings/string_view.h"

namespace logexport {

// A step of the schema: the statements that lead to `version` from the one before.
struct Migration {
  int version = 0;
  std::vector<absl::string_view> statements;
  // Programs that know this version can work with the schema as it is after the step, on engines
  // that several programs share; 0: only those that know the step. A step that adds what older
  // programs do not need names the oldest of them; one that takes something away comes a version
  // later than the programs that do without it.
  int readable_from = 0;
};

// All steps in order, from an empty database on, for every engine. A step that was released is
// never changed.
const std::vector<Migration>& Migrations();

int NewestSchemaVersion();

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_STATE_MIGRATIONS_H_
