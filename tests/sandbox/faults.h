#ifndef LOGEXPORT_TESTS_SANDBOX_FAULTS_H_
#define LOGEXPORT_TESTS_SANDBOX_FAULTS_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "tests/sandbox/base/endpoint.h"
#include "tests/sandbox/http/http_message.h"

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

// As in a FaultPlan: cut_header.
absl::string_view FaultActionName(FaultAction action);

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

// Decides which requests go wrong, and how. Not thread-safe.
class FaultInjector {
 public:
  struct Entry {
    FaultRule rule;
    std::uint64_t counted = 0;
    std::uint64_t struck = 0;
  };

  explicit FaultInjector(std::uint64_t seed) : random_(seed) {}

  void Add(FaultRule rule) { entries_.push_back({std::move(rule)}); }
  void Clear() { entries_.clear(); }
  const std::deque<Entry>& entries() const { return entries_; }

  void SetLatency(EndpointSet endpoints, absl::Duration latency);
  absl::Duration latency(Endpoint endpoint) const { return latency_[endpoint]; }

  // The rule that strikes this request, or null. Valid until rules are cleared.
  const FaultRule* Strike(Endpoint endpoint, const HttpRequest& request);

  // Whether a request struck by `rule` reaches the simulator.
  static bool Processes(const FaultRule& rule);
  // The answer to a request that did not reach it.
  static HttpResponse Answer(const FaultRule& rule, Endpoint endpoint);
  // Does to the right answer what the rule says.
  static void Distort(const FaultRule& rule, Endpoint endpoint, HttpResponse* response);

 private:
  std::deque<Entry> entries_;
  PerEndpoint<absl::Duration> latency_;
  std::mt19937_64 random_;
};

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

#endif  // LOGEXPORT_TESTS_SANDBOX_FAULTS_H_
