#ifndef LOGEXPORT_TESTS_SANDBOX_FAULTS_FAULT_INJECTOR_H_
#define LOGEXPORT_TESTS_SANDBOX_FAULTS_FAULT_INJECTOR_H_

#include <cstdint>
#include <deque>
#include <random>
#include <utility>

#include "absl/time/time.h"

#include "tests/sandbox/faults/endpoint.h"
#include "tests/sandbox/faults/fault_rule.h"
#include "tests/sandbox/http/http_message.h"

namespace logexport::sandbox {

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

}  // namespace logexport::sandbox

#endif  // LOGEXPORT_TESTS_SANDBOX_FAULTS_FAULT_INJECTOR_H_
