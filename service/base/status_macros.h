#ifndef LOGEXPORT_SERVICE_BASE_STATUS_MACROS_H_
#define LOGEXPORT_SERVICE_BASE_STATUS_MACROS_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// Returns from the calling function when `expr` (an absl::Status) is not OK.
#define RETURN_IF_ERROR(expr) \
  LOGEXPORT_RETURN_IF_ERROR_(LOGEXPORT_CONCAT_(logexport_status_, __COUNTER__), expr)

// Declares or assigns `lhs` from the absl::StatusOr `expr`, or returns its status.
#define ASSIGN_OR_RETURN(lhs, expr) \
  LOGEXPORT_ASSIGN_OR_RETURN_(LOGEXPORT_CONCAT_(logexport_statusor_, __COUNTER__), lhs, expr)

// The names are counted, so that macros in a lambda in `expr` do not hide those around them.
#define LOGEXPORT_CONCAT_INNER_(a, b) a##b
#define LOGEXPORT_CONCAT_(a, b) LOGEXPORT_CONCAT_INNER_(a, b)
#define LOGEXPORT_RETURN_IF_ERROR_(status, expr)                     \
  do {                                                               \
    if (::absl::Status status = (expr); !status.ok()) return status; \
  } while (false)
#define LOGEXPORT_ASSIGN_OR_RETURN_(result, lhs, expr) \
  auto result = (expr);                                \
  if (!result.ok()) return std::move(result).status(); \
  lhs = *std::move(result)

#endif  // LOGEXPORT_SERVICE_BASE_STATUS_MACROS_H_
