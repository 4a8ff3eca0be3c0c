#ifndef LOGEXPORT_TESTS_SANDBOX_SIMULATION_H_
#define LOGEXPORT_TESTS_SANDBOX_SIMULATION_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "service/base/clock.h"
#include "service/base/mutex.h"
#include "tests/sandbox/auth0/auth0_simulator.h"
#include "tests/sandbox/auth0/log_generator.h"
#include "tests/sandbox/auth0/log_store.h"
#include "tests/sandbox/auth0/user_directory.h"
#include "tests/sandbox/faults/endpoint.h"
#include "tests/sandbox/faults/fault_injector.h"
#include "tests/sandbox/faults/fault_plan.h"
#include "tests/sandbox/http/http_server.h"
#include "tests/sandbox/sandbox_options.h"
#include "tests/sandbox/segment/event_ledger.h"
#include "tests/sandbox/segment/segment_simulator.h"
#include "tests/sandbox/slack/slack_simulator.h"
#include "tests/sandbox/stats.h"

namespace logexport::sandbox {

// The tenant, Segment and Slack as they are simulated, and the faults that strike them. It answers
// requests and has no network of its own; Sandbox gives it one. Thread-safe.
//   POST /oauth/token, GET /api/v2/…    see Auth0Simulator
//   POST /v1/batch                      see SegmentSimulator
//   POST /slack/<anything>              see SlackSimulator
class Simulation : public HttpHandler {
 public:
  // Makes up the logs that the options ask for.
  explicit Simulation(SandboxOptions options);

  const SandboxOptions& options() const { return options_; }

  HttpResponse Handle(const HttpRequest& request) override;
  void Finished(const HttpResponse& response) override;

  void AddFault(FaultRule rule);
  void ApplyFaults(FaultPlan plan);
  void ClearFaults();
  std::vector<FaultInjector::Entry> faults() const;
  void SetLatency(EndpointSet endpoints, absl::Duration latency);
  void SetClockOffset(absl::Duration offset);
  absl::Time Now() const;
  void RevokeTokens();

  // One log per line; all or, if one is no log (see LogStore::LoadResult), nothing.
  LogStore::LoadResult AddLogs(absl::string_view ndjson);
  // Any bytes as one log, valid JSON or not. False if the id is taken.
  bool AddRawLog(absl::string_view id, absl::string_view bytes);
  // Made-up logs; `start` absent: after the newest one.
  void GenerateLogs(std::size_t count, std::optional<absl::Time> start, absl::Duration span);
  // The API no longer lists the logs up to this id, as after the end of their retention.
  void ExpireLogs(absl::string_view until_id);
  std::vector<std::string> LogIds(std::size_t offset = 0, std::size_t limit = SIZE_MAX) const;
  // The bytes of a log, or nothing.
  std::optional<std::string> LogById(absl::string_view id) const;
  std::optional<std::string> LogAt(std::size_t index) const;

  // What has been counted so far. The counts of the network are not in it.
  virtual SandboxStats stats() const;
  // Empty `log_id`: all. In the order accepted.
  std::vector<EventLedger::StoredEvent> AcceptedEvents(absl::string_view log_id = {},
                                                       bool with_duplicates = false);
  struct Missing {
    std::size_t count = 0;
    std::vector<std::string> log_ids;  // the first ones
  };
  // Logs of which no event has been accepted.
  Missing MissingLogs(std::size_t limit = 1000) const;
  std::vector<SlackSimulator::Message> slack_messages() const;

  // Forgets counts, events, messages, faults and latency. Keeps logs, users and tokens.
  void Reset();

 private:
  HttpResponse Dispatch(Endpoint endpoint, const HttpRequest& request, absl::Time now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  HttpResponse Unknown(const HttpRequest& request) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Time NowLocked() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void AddLiveLogs(absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  const std::string& DateHeader(absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const SandboxOptions options_;
  Clock& clock_;
  mutable Mutex mutex_;
  absl::Duration clock_offset_ ABSL_GUARDED_BY(mutex_);
  LogStore logs_ ABSL_GUARDED_BY(mutex_);
  UserDirectory users_ ABSL_GUARDED_BY(mutex_);
  LogGenerator generator_ ABSL_GUARDED_BY(mutex_);
  Auth0Simulator auth0_ ABSL_GUARDED_BY(mutex_);
  SegmentSimulator segment_ ABSL_GUARDED_BY(mutex_);
  SlackSimulator slack_ ABSL_GUARDED_BY(mutex_);
  FaultInjector faults_ ABSL_GUARDED_BY(mutex_);
  SandboxStats activity_ ABSL_GUARDED_BY(mutex_);  // its counts of requests only
  absl::Time live_since_ ABSL_GUARDED_BY(mutex_);
  std::uint64_t live_logs_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Time date_header_time_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  std::string date_header_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace logexport::sandbox

#endif  // LOGEXPORT_TESTS_SANDBOX_SIMULATION_H_
