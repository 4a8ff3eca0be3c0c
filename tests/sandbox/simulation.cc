#include "tests/sandbox/simulation.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace logexport::sandbox {
namespace {

constexpr absl::string_view kLogPath = "/api/v2/logs/";
constexpr absl::string_view kUserPath = "/api/v2/users/";
// A clock set forward must not fill the memory.
constexpr std::uint64_t kMaxLiveLogsAtOnce = 100'000;

std::size_t UserCount(const SandboxOptions& options) {
  return options.users > 0 ? options.users
                           : std::clamp<std::size_t>(options.generate / 20, 100, 100'000);
}

std::optional<Endpoint> Route(const HttpRequest& request) {
  const absl::string_view path = request.path;
  if (request.method == "POST") {
    if (path == "/v1/batch") return Endpoint::kSegment;
    if (path == "/oauth/token") return Endpoint::kToken;
    if (absl::StartsWith(path, "/slack/")) return Endpoint::kSlack;
    return std::nullopt;
  }
  if (request.method != "GET") {
    return std::nullopt;
  }
  if (path == "/api/v2/logs") {
    return Auth0Simulator::IsCheckpointRead(request) ? Endpoint::kLogsCheckpoint
                                                     : Endpoint::kLogsSearch;
  }
  if (absl::StartsWith(path, kLogPath)) return Endpoint::kLog;
  if (path == "/api/v2/users") return Endpoint::kUsersSearch;
  if (absl::StartsWith(path, kUserPath)) return Endpoint::kUsersRead;
  return std::nullopt;
}

}  // namespace

Simulation::Simulation(SandboxOptions options)
    : options_(std::move(options)),
      clock_(options_.clock != nullptr ? *options_.clock : RealClock()),
      clock_offset_(options_.clock_offset),
      users_(options_.generator.seed, UserCount(options_), options_.deleted_users_every),
      generator_(options_.generator, users_, &logs_),
      auth0_(options_.auth0, UrlScheme(options_), &logs_, &users_),
      segment_(options_.segment),
      faults_(options_.generator.seed) {
  // With live logs to come, the made-up past ends where they begin.
  const absl::Duration age = options_.live_rate > 0 ? absl::ZeroDuration() : absl::Minutes(1);
  if (options_.generate > 0) {
    GenerateLogs(options_.generate, options_.start_time.value_or(Now() - age - options_.span),
                 options_.span);
  }
  MutexLock lock(&mutex_);
  live_since_ = NowLocked();
}

HttpResponse Simulation::Handle(const HttpRequest& request) {
  MutexLock lock(&mutex_);
  const std::optional<Endpoint> endpoint = Route(request);
  if (!endpoint.has_value()) {
    return Unknown(request);
  }
  EndpointCounters& counters = activity_.endpoints[*endpoint];
  ++activity_.requests;
  ++counters.requests;
  activity_.max_in_flight = std::max(activity_.max_in_flight, ++activity_.in_flight);
  counters.max_in_flight = std::max(counters.max_in_flight, ++counters.in_flight);

  const absl::Time now = NowLocked();
  const FaultRule* const fault = faults_.Strike(*endpoint, request);
  HttpResponse response;
  if (fault == nullptr || FaultInjector::Processes(*fault)) {
    response = Dispatch(*endpoint, request, now);
    if (fault != nullptr) {
      FaultInjector::Distort(*fault, *endpoint, &response);
    }
  } else {
    response = FaultInjector::Answer(*fault, *endpoint);
  }
  counters.faults += fault != nullptr ? 1 : 0;
  counters.refusals += response.status >= 400 ? 1 : 0;
  response.transmission.delay += faults_.latency(*endpoint);
  response.headers.emplace_back("Date", DateHeader(now));
  response.tag = static_cast<int>(*endpoint) + 1;
  return response;
}

HttpResponse Simulation::Unknown(const HttpRequest& request) {
  if (request.path == "/") {
    return TextResponse(200, "logexport-sandbox: a simulator of Auth0, Segment and Slack\n");
  }
  ++activity_.unknown_requests;
  activity_.last_unknown_request = absl::StrCat(request.method, " ", request.path);
  return TextResponse(
      404, absl::StrCat("The sandbox does not simulate ", request.method, " ", request.path, "\n"));
}

HttpResponse Simulation::Dispatch(Endpoint endpoint, const HttpRequest& request, absl::Time now) {
  logs_.Show(now);
  switch (endpoint) {
    case Endpoint::kToken:
      return auth0_.Token(request, now);
    case Endpoint::kLogsCheckpoint:
    case Endpoint::kLogsSearch:
      AddLiveLogs(now);
      return auth0_.ListLogs(request, now);
    case Endpoint::kLog:
      return auth0_.GetLog(request, request.path.substr(kLogPath.size()), now);
    case Endpoint::kUsersSearch:
      return auth0_.SearchUsers(request, now);
    case Endpoint::kUsersRead:
      return auth0_.GetUser(request, request.path.substr(kUserPath.size()), now);
    case Endpoint::kSegment:
      return segment_.Batch(request);
    case Endpoint::kSlack:
      return slack_.Post(request);
  }
  return TextResponse(500, "");
}

void Simulation::Finished(const HttpResponse& response) {
  if (response.tag == 0) {
    return;
  }
  MutexLock lock(&mutex_);
  --activity_.in_flight;
  --activity_.endpoints[static_cast<Endpoint>(response.tag - 1)].in_flight;
}

absl::Time Simulation::NowLocked() const { return clock_.Now() + clock_offset_; }

absl::Time Simulation::Now() const {
  MutexLock lock(&mutex_);
  return NowLocked();
}

const std::string& Simulation::DateHeader(absl::Time now) {
  const absl::Time second = absl::FromUnixSeconds(absl::ToUnixSeconds(now));
  if (second != date_header_time_) {
    date_header_time_ = second;
    date_header_ = absl::FormatTime("%a, %d %b %Y %H:%M:%S GMT", second, absl::UTCTimeZone());
  }
  return date_header_;
}

void Simulation::AddLiveLogs(absl::Time now) {
  if (options_.live_rate <= 0 || now < live_since_) {
    return;
  }
  const auto due = static_cast<std::uint64_t>(
      std::floor(absl::ToDoubleSeconds(now - live_since_) * options_.live_rate));
  for (std::uint64_t i = 0; i < kMaxLiveLogsAtOnce && live_logs_ < due; ++i) {
    ++live_logs_;
    generator_.Add(live_since_ +
                   absl::Seconds(static_cast<double>(live_logs_) / options_.live_rate));
  }
}

void Simulation::AddFault(FaultRule rule) {
  MutexLock lock(&mutex_);
  faults_.Add(std::move(rule));
}

void Simulation::ApplyFaults(FaultPlan plan) {
  MutexLock lock(&mutex_);
  if (plan.clear) {
    faults_.Clear();
  }
  for (const auto& [endpoints, latency] : plan.latency) {
    faults_.SetLatency(endpoints, latency);
  }
  for (FaultRule& rule : plan.rules) {
    faults_.Add(std::move(rule));
  }
}

void Simulation::ClearFaults() {
  MutexLock lock(&mutex_);
  faults_.Clear();
}

std::vector<FaultInjector::Entry> Simulation::faults() const {
  MutexLock lock(&mutex_);
  return {faults_.entries().begin(), faults_.entries().end()};
}

void Simulation::SetLatency(EndpointSet endpoints, absl::Duration latency) {
  MutexLock lock(&mutex_);
  faults_.SetLatency(endpoints, latency);
}

void Simulation::SetClockOffset(absl::Duration offset) {
  MutexLock lock(&mutex_);
  clock_offset_ = offset;
}

void Simulation::RevokeTokens() {
  MutexLock lock(&mutex_);
  auth0_.RevokeTokens();
}

LogStore::LoadResult Simulation::AddLogs(absl::string_view ndjson) {
  MutexLock lock(&mutex_);
  LogStore::LoadResult result = logs_.AddNdjson(ndjson);
  for (const std::string& user_id : result.user_ids) {
    users_.AddKnown(user_id);
  }
  return result;
}

bool Simulation::AddRawLog(absl::string_view id, absl::string_view bytes) {
  MutexLock lock(&mutex_);
  return logs_.Add(bytes, id, "", TimeInLogId(id));
}

void Simulation::GenerateLogs(std::size_t count, std::optional<absl::Time> start,
                              absl::Duration span) {
  MutexLock lock(&mutex_);
  if (!start.has_value()) {
    const absl::Time newest =
        logs_.size() > 0 ? TimeInLogId(logs_.at(logs_.size() - 1).id) : absl::InfinitePast();
    start = newest > absl::InfinitePast() ? newest + absl::Microseconds(1)
                                          : NowLocked() - absl::Minutes(1) - span;
  }
  generator_.AddMany(count, *start, span);
}

void Simulation::ExpireLogs(absl::string_view until_id) {
  MutexLock lock(&mutex_);
  logs_.Expire(until_id);
}

std::vector<std::string> Simulation::LogIds(std::size_t offset, std::size_t limit) const {
  MutexLock lock(&mutex_);
  std::vector<std::string> ids;
  for (std::size_t i = offset; i < logs_.size() && ids.size() < limit; ++i) {
    ids.emplace_back(logs_.at(i).id);
  }
  return ids;
}

std::optional<std::string> Simulation::LogById(absl::string_view id) const {
  MutexLock lock(&mutex_);
  const std::size_t index = logs_.Find(id);
  return index < logs_.size() ? std::optional<std::string>(logs_.at(index).json) : std::nullopt;
}

std::optional<std::string> Simulation::LogAt(std::size_t index) const {
  MutexLock lock(&mutex_);
  return index < logs_.size() ? std::optional<std::string>(logs_.at(index).json) : std::nullopt;
}

SandboxStats Simulation::stats() const {
  MutexLock lock(&mutex_);
  SandboxStats stats = activity_;
  stats.logs = logs_.size();
  stats.log_bytes = logs_.bytes();
  stats.expired_logs = logs_.first_visible();
  stats.auth0 = auth0_.counters();
  stats.events_accepted = segment_.ledger().accepted();
  stats.unique_message_ids = segment_.ledger().unique();
  stats.duplicates = segment_.ledger().duplicates();
  stats.events_without_message_id = segment_.ledger().without_message_id();
  stats.logs_with_events = segment_.ledger().logs();
  stats.segment = segment_.counters();
  for (const SlackSimulator::Message& message : slack_.messages()) {
    stats.slack_texts.push_back(message.text);
  }
  stats.slack_refused = slack_.refused();
  return stats;
}

std::vector<EventLedger::StoredEvent> Simulation::AcceptedEvents(absl::string_view log_id,
                                                                 bool with_duplicates) {
  MutexLock lock(&mutex_);
  std::vector<EventLedger::StoredEvent> events;
  for (std::size_t i = 0; i < segment_.ledger().stored(); ++i) {
    EventLedger::StoredEvent event = segment_.ledger().At(i);
    if ((with_duplicates || !event.duplicate) && (log_id.empty() || event.log_id == log_id)) {
      events.push_back(std::move(event));
    }
  }
  return events;
}

Simulation::Missing Simulation::MissingLogs(std::size_t limit) const {
  MutexLock lock(&mutex_);
  Missing missing;
  for (std::size_t i = 0; i < logs_.size(); ++i) {
    const absl::string_view id = logs_.at(i).id;
    if (segment_.ledger().HasLog(id)) {
      continue;
    }
    ++missing.count;
    if (missing.log_ids.size() < limit) {
      missing.log_ids.emplace_back(id);
    }
  }
  return missing;
}

std::vector<SlackSimulator::Message> Simulation::slack_messages() const {
  MutexLock lock(&mutex_);
  return slack_.messages();
}

void Simulation::Reset() {
  MutexLock lock(&mutex_);
  // What is under way will still be counted down when it ends.
  SandboxStats fresh;
  fresh.in_flight = fresh.max_in_flight = activity_.in_flight;
  for (std::size_t i = 0; i < kEndpoints; ++i) {
    const auto endpoint = static_cast<Endpoint>(i);
    fresh.endpoints[endpoint].in_flight = activity_.endpoints[endpoint].in_flight;
    fresh.endpoints[endpoint].max_in_flight = activity_.endpoints[endpoint].in_flight;
  }
  activity_ = std::move(fresh);
  auth0_.ResetCounters();
  segment_.Reset();
  slack_.Reset();
  faults_.Clear();
  faults_.SetLatency(EndpointSet::All(), absl::ZeroDuration());
}

}  // namespace logexport::sandbox
