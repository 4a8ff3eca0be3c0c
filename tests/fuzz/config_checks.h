#ifndef LOGEXPORT_TESTS_FUZZ_CONFIG_CHECKS_H_
#define LOGEXPORT_TESTS_FUZZ_CONFIG_CHECKS_H_

#include <string>
#include <vector>

#include "logexport/v1/config.pb.h"
#include "service/config/violation.h"

namespace logexport {

// What every configuration promises that was read from anywhere: it is refused with words that can
// be shown, or it can be stored, read back the same, presented, and worked with.
void CheckConfig(const v1::ExporterConfig& config);
void CheckViolations(const std::vector<ConfigViolation>& violations);

}  // namespace logexport

#endif  // LOGEXPORT_TESTS_FUZZ_CONFIG_CHECKS_H_
