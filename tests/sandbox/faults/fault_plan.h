#ifndef LOGEXPORT_TESTS_SANDBOX_FAULTS_FAULT_PLAN_H_
#define LOGEXPORT_TESTS_SANDBOX_FAULTS_FAULT_PLAN_H_

#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "tests/sandbox/faults/endpoint.h"
#include "tests/sandbox/faults/fault_rule.h"

namespace logexport::sandbox {

// What POST /_sandbox/faults takes:
//   {"clear": true,                                forget all rules first
//    "latency_ms": {"logs": 50, "segment": 50},    by endpoint name (see EndpointSet::FromName)
//    "rules": [{"endpoint": "segment", "action": "status", "status": 429,
//               "headers": {"Retry-After": "1"}, "times": 3}]}
// or one rule by itself. The keys of a rule are the fields of FaultRule, times in milliseconds
// (delay_ms, hang_ms, drip_ms); actions are named like the enumerators (cut_header).
struct FaultPlan {
  bool clear = false;
  std::vector<std::pair<EndpointSet, absl::Duration>> latency;
  std::vector<FaultRule> rules;
};
absl::StatusOr<FaultPlan> ParseFaultPlan(absl::string_view json);

}  // namespace logexport::sandbox

#endif  // LOGEXPORT_TESTS_SANDBOX_FAULTS_FAULT_PLAN_H_
