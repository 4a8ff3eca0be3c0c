#ifndef LOGEXPORT_TESTS_SANDBOX_SANDBOX_H_
#define LOGEXPORT_TESTS_SANDBOX_SANDBOX_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "service/base/clock.h"
#include "service/base/mutex.h"
#include "tests/sandbox/auth0/auth0_simulator.h"
#include "tests/sandbox/auth0/log_generator.h"
#include "tests/sandbox/auth0/log_store.h"
#include "tests/sandbox/auth0/user_directory.h"
#include "tests/sandbox/base/endpoint.h"
#include "tests/sandbox/faults.h"
#include "tests/sandbox/http/http_server.h"
#include "tests/sandbox/segment/event_ledger.h"
#include "tests/sandbox/segment/segment_simulator.h"
#include "tests/sandbox/slack/slack_simulator.h"
#include "tests/sandbox/stats.h"

namespace logexport::sandbox {

struct SandboxOptions {
  Listener::Options listen;
  Auth0Options auth0;
  SegmentOptions segment;

  // Logs made up at the start, over `span` from `start_time` on (absent: so that the newest is a
  // minute old).
  std::size_t generate = 0;
  std::optional<absl::Time> start_time;
  absl::Duration span = absl::Hours(24);
  // Further logs that come up while it runs, each second.
  double live_rate = 0;
  std::size_t users = 0;  // 0: one for every 20 logs, from 100 to 100,000
  std::size_t deleted_users_every = 50;
  LogGenerator::Options generator;

  // Added to the time of `clock` in everything the services say about time.
  absl::Duration clock_offset = absl::ZeroDuration();
  Clock* clock = nullptr;  // null: the host's; must outlive the sandbox
};

// Auth0, Segment and Slack simulated on one port by one thread, for demonstrations, tests and
// benchmarks. Over HTTP:
//   POST /oauth/token, GET /api/v2/…    see Auth0Simulator
//   POST /v1/batch                      see SegmentSimulator
//   POST /slack/<anything>              see SlackSimulator
//   /_sandbox/…                         see admin.h: the functions below, over HTTP
// Latency and faults (see faults.h) strike everything but /_sandbox/. Thread-safe. Stopped by the
// destructor.
class Sandbox : private HttpHandler {
 public:
  static absl::StatusOr<std::unique_ptr<Sandbox>> Start(SandboxOptions options);
  ~Sandbox() override;

  int port() const { return server_->port(); }
  // The base of Auth0's API and of Segment's: http://127.0.0.1:12345, without a slash.
  std::string url() const;
  std::string slack_webhook() const { return url() + "/slack/services/T00/B00/sandboxSlackSecret"; }
  const SandboxOptions& options() const { return options_; }

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

  SandboxStats stats() const;
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
  explicit Sandbox(SandboxOptions options);

  HttpResponse Handle(const HttpRequest& request) override;
  void Finished(const HttpResponse& response) override;

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
  // Last, so that its thread ends before what it uses.
  std::unique_ptr<HttpServer> server_;
};

}  // namespace logexport::sandbox

#endif  // LOGEXPORT_TESTS_SANDBOX_SANDBOX_H_
