#ifndef LOGEXPORT_TESTS_SANDBOX_FAULTS_FAULT_RULE_H_
#define LOGEXPORT_TESTS_SANDBOX_FAULTS_FAULT_RULE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "tests/sandbox/faults/endpoint.h"

namespace logexport::sandbox {

enum class FaultAction {
  kStatus,           // answers `status` with `headers` and `body`
  kHang,             // never answers (or closes after hang_for)
  kClose,            // closes without an answer
  kCutHeader,        // closes in the middle of the header
  kCutBody,          // closes in the middle of the body
  kDrip,             // sends the answer drip_bytes every drip_every
  kWrongLength,      // announces length_delta bytes more (or fewer) than it sends, then closes
  kTruncatedJson,    // half of the body, complete as HTTP
  kHtml,             // 200 with a page of HTML, as from a captive portal
  kEndless,          // a body that never ends
  kGarbage,          // not HTTP at all
  kAcceptThenClose,  // does what was asked, then closes without an answer
  kDelay,            // the right answer, `delay` late
};

// As a FaultPlan names it: cut_header.
absl::string_view FaultActionName(FaultAction action);
std::optional<FaultAction> FaultActionFromName(absl::string_view name);
// All names, separated by commas.
std::string FaultActionNames();

// When a fault strikes, and what it does. A request that a rule does not strike is passed on to the
// next rule.
struct FaultRule {
  EndpointSet endpoints = EndpointSet::All();
  FaultAction action = FaultAction::kStatus;

  // Which requests are counted: those whose method, path, query or body contains this text (as
  // bytes) ...
  std::string contains;
  // ... and whose body is at least this long.
  std::size_t min_body_bytes = 0;
  // Of the counted ones: not the first `skip`, then every `every`-th, each with `probability`, and
  // at most `times` (0: no limit).
  std::uint64_t skip = 0;
  std::uint64_t every = 1;
  double probability = 1;
  std::uint64_t times = 0;

  int status = 500;
  std::vector<std::pair<std::string, std::string>> headers;
  std::optional<std::string> body;  // absent: what the service would say
  std::string content_type;         // empty: fits the body
  absl::Duration delay = absl::ZeroDuration();
  absl::Duration hang_for = absl::InfiniteDuration();
  absl::Duration drip_every = absl::Milliseconds(10);
  std::size_t drip_bytes = 1;
  std::int64_t length_delta = 10;
  bool reset = false;  // connections are closed by RST
  // Whether the request is carried out all the same (a time-out of what was accepted). Absent: only
  // where the answer is made from the right one.
  std::optional<bool> process;
};

}  // namespace logexport::sandbox

#endif  // LOGEXPORT_TESTS_SANDBOX_FAULTS_FAULT_RULE_H_
