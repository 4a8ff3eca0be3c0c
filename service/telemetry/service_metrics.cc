#include "service/telemetry/service_metrics.h"

#include <algorithm>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace logexport {
namespace {

constexpr absl::string_view kTriggers[] = {"SCHEDULE", "MANUAL", "REPLAY", "STARTUP"};
constexpr absl::string_view kKinds[] = {"EXPORT", "DRY_RUN", "WINDOW", "REDRIVE", "COMPLETENESS"};
// How runs end: state and stop reason.
constexpr std::pair<absl::string_view, absl::string_view> kEnds[] = {
    {"SUCCEEDED", "CAUGHT_UP"},     {"SUCCEEDED", "MAX_LOGS"},  {"SUCCEEDED", "TIME_BUDGET"},
    {"SUCCEEDED", "RATE_LIMITED"},  {"CANCELLED", "CANCELLED"}, {"CANCELLED", "SHUTDOWN"},
    {"FAILED", "RATE_LIMITED"},     {"FAILED", "ERROR"},        {"FAILED", "LEASE_LOST"},
    {"FAILED", "CHECKPOINT_MOVED"}, {"FAILED", "INTERRUPTED"}};
constexpr std::pair<absl::string_view, absl::string_view> kRetries[] = {
    {"auth0", "AUTH0_UNAVAILABLE"},      {"auth0", "AUTH0_UNEXPECTED_RESPONSE"},
    {"auth0", "AUTH0_RATE_LIMITED"},     {"segment", "SEGMENT_UNAVAILABLE"},
    {"segment", "SEGMENT_RATE_LIMITED"}, {"segment", "SEGMENT_UNEXPECTED_RESPONSE"},
    {"state", "STORE_UNAVAILABLE"},      {"other", "other"}};
constexpr absl::string_view kPurposes[] = {"auth0/token",   "auth0/logs",    "auth0/users",
                                           "segment/batch", "slack/message", "webhook/event",
                                           "other/other"};
constexpr int kStatuses[] = {200, 400, 401, 403, 404, 408, 410, 413, 429, 500, 502, 503, 504};
constexpr absl::string_view kAuthFailures[] = {"UNAUTHENTICATED", "TOO_MANY_FAILED_LOGINS",
                                               "ROLE_REQUIRED"};
constexpr std::pair<absl::StatusCode, absl::string_view> kStoreErrors[] = {
    {absl::StatusCode::kUnavailable, "unavailable"},
    {absl::StatusCode::kResourceExhausted, "full"},
    {absl::StatusCode::kPermissionDenied, "read_only"},
    {absl::StatusCode::kDataLoss, "corrupt"}};

// 2xx that are not 200, and what nobody is known to answer, share a label each.
std::string CodeLabel(int status) {
  if (status == 0) return "none";
  if (status > 200 && status < 300) return "2xx";
  return absl::c_linear_search(kStatuses, status) ? absl::StrCat(status) : "other";
}

// A counter must exist; one that does not is a name that this file has not learnt.
void AddTo(Counter* counter, std::int64_t by = 1) {
  if (counter != nullptr) counter->Add(by);
}

}  // namespace

std::optional<PerExporter> ParsePerExporter(absl::string_view name) {
  if (name == "auto") return PerExporter::kAuto;
  if (name == "full") return PerExporter::kFull;
  if (name == "key") return PerExporter::kKey;
  if (name == "off") return PerExporter::kOff;
  return std::nullopt;
}

ServiceMetrics::ServiceMetrics(Options options)
    : options_(std::move(options)),
      run_duration_(RunBounds()),
      page_duration_(CallBounds()),
      batch_duration_(CallBounds()),
      commit_duration_(CallBounds()) {
  const auto text = [](absl::string_view view) { return std::string(view); };
  for (const auto& [state, reason] : kEnds) {
    for (const absl::string_view trigger : kTriggers) {
      runs_.Make({text(trigger), text(state), text(reason)});
    }
  }
  for (const absl::string_view kind : kKinds) active_runs_.Make({text(kind)});
  for (const char* result : {"started", "skipped", "missed"}) fires_.Make({result});
  for (const auto& [target, reason] : kRetries) retries_.Make({text(target), text(reason)});
  for (const char* target : {"auth0", "segment"}) limit_wait_.Make({target});
  for (const char* reason : {"LEASE_LOST", "CHECKPOINT_MOVED"}) fenced_commits_.Make({reason});
  for (const absl::string_view purpose : kPurposes) {
    const std::vector<std::string> parts = absl::StrSplit(purpose, '/');
    for (const int status : kStatuses) requests_.Make({parts[0], parts[1], absl::StrCat(status)});
    for (const char* code : {"2xx", "other", "none"}) requests_.Make({parts[0], parts[1], code});
    request_duration_.Make(parts, CallBounds());
  }
  for (const absl::string_view reason : kAuthFailures) auth_failures_.Make({text(reason)});
  for (const char* result : {"admitted", "refused"}) logins_.Make({result});
  for (const char* channel : {"slack", "webhook"}) {
    for (const char* result : {"sent", "retried", "given_up"}) messages_.Make({channel, result});
  }
  for (const char* reason : {"expired", "free"}) takeovers_.Make({reason});
  for (const char* reason : {"balance", "shutdown"}) moves_.Make({reason});
  for (const auto& [code, name] : kStoreErrors) store_errors_.Make({text(name)});
  store_errors_.Make({"other"});
}

ServiceMetrics::~ServiceMetrics() = default;

std::shared_ptr<ExporterCounters> ServiceMetrics::OfExporter(absl::string_view exporter) {
  MutexLock lock(&mutex_);
  std::shared_ptr<ExporterCounters>& counters = exporters_[std::string(exporter)];
  if (counters == nullptr) counters = std::make_shared<ExporterCounters>();
  return counters;
}

void ServiceMetrics::Forget(absl::string_view exporter) {
  MutexLock lock(&mutex_);
  const auto found = exporters_.find(std::string(exporter));
  if (found != exporters_.end()) exporters_.erase(found);
}

void ServiceMetrics::RunStarted(absl::string_view kind) {
  if (LevelGauge* active = active_runs_.Find({kind})) active->Add(1);
}

void ServiceMetrics::RunStopped(absl::string_view kind) {
  if (LevelGauge* active = active_runs_.Find({kind})) active->Add(-1);
}

void ServiceMetrics::RunEnded(absl::string_view trigger, absl::string_view state,
                              absl::string_view stop_reason, absl::Duration took) {
  AddTo(runs_.Find({trigger, state, stop_reason}));
  run_duration_.Observe(took);
}

void ServiceMetrics::RunInterrupted(absl::string_view trigger) {
  AddTo(runs_.Find({trigger, "FAILED", "INTERRUPTED"}));
}

void ServiceMetrics::Fires(std::int64_t started, std::int64_t skipped, std::int64_t missed) {
  AddTo(fires_.Find({"started"}), started);
  AddTo(fires_.Find({"skipped"}), skipped);
  AddTo(fires_.Find({"missed"}), missed);
}

void ServiceMetrics::Retried(absl::string_view target, absl::string_view reason) {
  Counter* counter = retries_.Find({target, reason});
  AddTo(counter != nullptr ? counter : retries_.Find({"other", "other"}));
}

void ServiceMetrics::WaitedOnLimit(absl::string_view target, absl::Duration waited) {
  if (TimeCounter* counter = limit_wait_.Find({target})) counter->Add(waited);
}

void ServiceMetrics::CommitFenced(absl::string_view reason) {
  AddTo(fenced_commits_.Find({reason}));
}

void ServiceMetrics::TookOver(bool expired) {
  AddTo(takeovers_.Find({expired ? "expired" : "free"}));
}

void ServiceMetrics::GaveBack(absl::string_view reason, std::int64_t exporters) {
  AddTo(moves_.Find({reason}), exporters);
}

void ServiceMetrics::RequestEnded(absl::string_view purpose, int status, absl::Duration took) {
  std::vector<absl::string_view> parts = absl::StrSplit(purpose, absl::MaxSplits('/', 1));
  if (parts.size() != 2 || request_duration_.Find({parts[0], parts[1]}) == nullptr) {
    parts = {"other", "other"};
  }
  AddTo(requests_.Find({parts[0], parts[1], CodeLabel(status)}));
  request_duration_.Find({parts[0], parts[1]})->Observe(took);
}

void ServiceMetrics::CallEnded(absl::string_view method, absl::string_view code,
                               absl::Duration took) {
  const bool known = absl::c_linear_search(options_.rpc_methods, method);
  MutexLock lock(&mutex_);
  std::unique_ptr<DurationHistogram>& histogram =
      calls_[{known ? std::string(method) : "_OTHER", std::string(code)}];
  if (histogram == nullptr) histogram = std::make_unique<DurationHistogram>(CallBounds());
  histogram->Observe(took);
}

void ServiceMetrics::CallRefused(absl::string_view reason) { AddTo(auth_failures_.Find({reason})); }

void ServiceMetrics::MessageHandled(absl::string_view channel, absl::string_view result) {
  AddTo(messages_.Find({channel, result}));
}

void ServiceMetrics::LoggedIn(bool admitted) {
  AddTo(logins_.Find({admitted ? "admitted" : "refused"}));
}

void ServiceMetrics::AuditChecked(bool intact) {
  MutexLock lock(&mutex_);
  audit_intact_ = intact;
}

void ServiceMetrics::CertificateExpires(absl::string_view purpose, absl::Time at) {
  MutexLock lock(&mutex_);
  if (at == absl::InfiniteFuture()) {
    certificate_expiry_.erase(std::string(purpose));
  } else {
    certificate_expiry_[std::string(purpose)] = static_cast<double>(absl::ToUnixSeconds(at));
  }
}

void ServiceMetrics::StoreFailed(absl::StatusCode code) {
  for (const auto& [known, name] : kStoreErrors) {
    if (known == code) return AddTo(store_errors_.Find({name}));
  }
  AddTo(store_errors_.Find({"other"}));
}

}  // namespace logexport
