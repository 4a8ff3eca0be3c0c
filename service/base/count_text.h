#ifndef LOGEXPORT_SERVICE_BASE_COUNT_TEXT_H_
#define LOGEXPORT_SERVICE_BASE_COUNT_TEXT_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace logexport {

// Numbers of things as people read them.

std::string CountText(std::int64_t count);                         // 1,234,567
std::string Counted(std::int64_t count, absl::string_view thing);  // 1 run, 1,234 runs

// 1234567 → 1,234,567; of digits, with or without a sign before them.
std::string GroupDigits(absl::string_view digits);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_BASE_COUNT_TEXT_H_
