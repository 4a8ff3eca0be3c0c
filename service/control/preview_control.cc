#include "service/control/preview_control.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "logexport/v1/preview.pb.h"
#include "service/base/status_macros.h"
#include "service/base/utf8.h"
#include "service/config/loaded_config.h"
#include "service/config/schema.h"
#include "service/config/serialization.h"
#include "service/config/start_point.h"
#include "service/config/update.h"
#include "service/control/api_error.h"
#include "service/control/audited_call.h"
#include "service/control/config_check.h"
#include "service/control/known_names.h"
#include "service/control/member_control.h"
#include "service/control/page_token.h"
#include "service/control/report_message.h"
#include "service/control/run_control.h"
#include "service/control/write_once.h"
#include "service/export/failure.h"
#include "service/export/filter.h"
#include "service/export/profile_requests.h"
#include "service/runs/trusted_time.h"

namespace logexport {
namespace {

constexpr int kDefaultLogs = 10;
constexpr int kMostLogs = 100;
// A larger log is shown cut off, so that the answer stays below the message limit of clients.
constexpr std::size_t kLongestPreviewedLog = std::size_t{2} << 20;
// The settings that a preview may try. Those that say where to read from or send to are not among
// them.
constexpr absl::string_view kTryable[] = {"filter.",         "profile.",
                                          "privacy.",        "segment.mapping",
                                          "segment.details", "segment.anonymous_id",
                                          "segment.identify"};

absl::Status Auth0Failed(const absl::Status& status) {
  const Failure failure = FailureOf(status);
  ApiError error;
  error.code =
      failure.retryable() ? absl::StatusCode::kUnavailable : absl::StatusCode::kFailedPrecondition;
  error.reason = "AUTH0_FAILED";
  error.message = absl::StrCat(failure.message, failure.action.empty() ? "" : ". ", failure.action);
  const std::string reason(FailureReasonName(failure.reason));
  error.metadata["reason"] = reason;
  error.retry_after = failure.retry_after;
  if (!failure.retryable()) error.precondition = {reason, "auth0", error.message};
  return MakeApiError(error);
}

bool Tryable(absl::string_view path) {
  for (const absl::string_view prefix : kTryable) {
    if (absl::StartsWith(path, prefix)) return true;
  }
  return false;
}

struct PreviewInputs {
  ExporterSettings settings;
  Position from;
};

absl::StatusOr<PreviewInputs> Load(Transaction& tx, const v1::PreviewExportRequest& request,
                                   const ControlEnvironment& environment) {
  const std::string id = ExporterOr(request.exporter());
  ASSIGN_OR_RETURN(const ExporterRecord exporter, FindExporter(tx, id));
  ASSIGN_OR_RETURN(ConfigVersion version, tx.GetConfig(id));
  if (request.has_config()) {
    ASSIGN_OR_RETURN(const v1::ExporterConfig stored, ParseStoredConfig(version.config));
    const ConfigUpdate update = ApplyUpdate(stored, request.config(), {});
    std::vector<ConfigViolation> violations;
    for (const std::string& path : update.changed_fields) {
      if (Tryable(path)) continue;
      violations.push_back({ConfigViolation::Kind::kInvalid, "", path,
                            "cannot be tried in a preview; only filter, profile, privacy and how "
                            "events are mapped can",
                            ""});
    }
    if (update.start_from.has_value()) {
      violations.push_back({ConfigViolation::Kind::kInvalid, "", "start_from",
                            "cannot be tried in a preview; use after_log_id", ""});
    }
    RETURN_IF_ERROR(ConfigRefused(violations));
    RETURN_IF_ERROR(CheckUpdate(id, stored, update, environment).status());
    version.config = SerializeConfig(update.config);
  }
  PreviewInputs inputs;
  ASSIGN_OR_RETURN(inputs.settings, LoadSettings(exporter, version, 0, environment.secrets));
  ASSIGN_OR_RETURN(const Checkpoint checkpoint, tx.GetCheckpoint(id));
  inputs.from = checkpoint.position;
  if (!request.after_log_id().empty()) {
    if (const absl::Status bad = CheckLogId(request.after_log_id()); !bad.ok()) {
      return InvalidFields({{"after_log_id", std::string(bad.message())}});
    }
    inputs.from = {Position::Kind::kAfter, request.after_log_id(), {}};
  }
  return inputs;
}

// Up to `count` logs. They come in two pages if the first one has to be read by itself.
absl::StatusOr<std::vector<Page>> ReadLogs(LogSource& source, Position from, int count,
                                           const CallContext& context) {
  if (!from.resolved()) {
    ASSIGN_OR_RETURN(from, source.Resolve(from, context));
  }
  std::vector<Page> pages;
  if (!from.resolved()) return pages;  // the tenant has no logs yet
  if (from.kind == Position::Kind::kAt) {
    ASSIGN_OR_RETURN(Page first, source.ReadOne(from.id, context));
    pages.push_back(std::move(first));
    if (--count == 0) return pages;
  }
  ASSIGN_OR_RETURN(Page page, source.ReadAfter(from.id, count, context));
  pages.push_back(std::move(page));
  return pages;
}

Profiles FindProfiles(const ExporterComponents& components, const EventMapper& mapper,
                      const LogFilter& filter, const std::vector<Page>& pages,
                      const CallContext& context) {
  if (components.profiles == nullptr) return {};
  Profiles found;
  for (const Page& page : pages) {
    found.merge(
        components.profiles->Find(ProfileRequests(page.logs, filter, mapper), context).profiles);
  }
  return found;
}

void FillLog(const Log& log, const Profiles& profiles, const LogFilter& filter, EventMapper& mapper,
             v1::PreviewedLog* out) {
  out->set_log_id(std::string(log.id));
  out->set_type(std::string(log.type->code));
  if (log.date.has_value()) *out->mutable_log_time() = ToProto(*log.date);
  out->set_log_json(std::string(TruncateUtf8(log.raw, kLongestPreviewedLog)));
  const absl::string_view skipped =
      log.defect == Log::Defect::kNone ? filter.ReasonToSkip(log) : absl::string_view();
  if (!skipped.empty()) {
    out->set_outcome(v1::PREVIEW_OUTCOME_FILTER);
    out->set_reason(std::string(skipped));
    return;
  }
  const auto profile = profiles.find(log.user_id);
  std::string events;
  std::vector<std::uint32_t> sizes;
  const MapResult mapped =
      mapper.Map(log, profile == profiles.end() ? nullptr : profile->second.get(), &events, &sizes);
  if (mapped.kind == MapResult::Kind::kMapped) {
    out->set_outcome(v1::PREVIEW_OUTCOME_SEND);
    std::size_t at = 0;
    for (const std::uint32_t size : sizes) {
      out->add_events_json(events.substr(at, size));
      at += size + 1;
    }
    return;
  }
  out->set_outcome(mapped.kind == MapResult::Kind::kFiltered ? v1::PREVIEW_OUTCOME_FILTER
                                                             : v1::PREVIEW_OUTCOME_DEAD_LETTER);
  out->set_reason(mapped.message.empty() ? std::string(mapped.reason)
                                         : absl::StrCat(mapped.reason, ": ", mapped.message));
}

}  // namespace

absl::StatusOr<v1::PreviewExportResponse> PreviewControl::PreviewExport(
    const v1::PreviewExportRequest& request, const Caller& caller, const CallLimits& limits) {
  if (request.max_logs() < 0 || request.max_logs() > kMostLogs) {
    return InvalidFields({{"max_logs", absl::StrCat("must be 0 to ", kMostLogs)}});
  }
  PreviewInputs inputs;
  const absl::Status loaded = environment_.store.Read([&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(inputs, Load(tx, request, environment_));
    return absl::OkStatus();
  });
  RETURN_IF_ERROR(ExplainSecretHere(environment_, ExporterOr(request.exporter()), loaded));
  // Settings that are only tried must not replace the adapters that the exporter's runs share.
  ASSIGN_OR_RETURN(const std::shared_ptr<ExporterComponents> components,
                   request.has_config() ? environment_.components.factory().Make(inputs.settings)
                                        : environment_.components.Get(inputs.settings));
  const std::unique_ptr<EventMapper> mapper = environment_.components.MakeMapper(inputs.settings);
  const LogFilter filter(inputs.settings.filter, inputs.settings.auth0.client_id);
  CallContext context;
  context.stop = limits.stop;
  context.lane = RunLane::kSide;
  context.deadline = limits.deadline;
  const int count = request.max_logs() == 0 ? kDefaultLogs : request.max_logs();
  const absl::StatusOr<std::vector<Page>> pages =
      ReadLogs(*components->source, inputs.from, count, context);
  if (!pages.ok()) {
    return limits.stop.stop_requested() ? ShuttingDown() : Auth0Failed(pages.status());
  }
  const Profiles profiles = FindProfiles(*components, *mapper, filter, *pages, context);
  // A look-up of users that was stopped would look as if they had no profiles.
  if (limits.stop.stop_requested()) return ShuttingDown();
  v1::PreviewExportResponse response;
  std::size_t bytes = 0;
  bool full = false;
  for (const Page& page : *pages) {
    if (full) break;
    for (const Log& log : page.logs) {
      if (response.logs_size() == count) break;
      v1::PreviewedLog previewed;
      FillLog(log, profiles, filter, *mapper, &previewed);
      bytes += previewed.ByteSizeLong();
      // The caller goes on with after_log_id.
      full = response.logs_size() > 0 && bytes > kMostPageBytes;
      if (full) break;
      *response.add_logs() = std::move(previewed);
    }
  }
  std::vector<AuditedChange> shown = {{"logs shown", "", absl::StrCat(response.logs_size())}};
  if (response.logs_size() > 0) {
    shown.push_back({"first log", "", response.logs(0).log_id()});
    shown.push_back({"last log", "", response.logs().rbegin()->log_id()});
  }
  RETURN_IF_ERROR(RecordShown(environment_.store,
                              TrustedNow(environment_.clock, environment_.components), caller,
                              request, std::move(shown)));
  return response;
}

namespace {

// Nothing if the channel is not configured.
std::optional<Notifier::Outcome> TestChannel(const std::string& exporter,
                                             const NotificationSettings& told,
                                             NotificationChannel channel,
                                             const Notifiers& notifiers, const Audit& audit,
                                             const CallLimits& limits) {
  const bool slack = channel == NotificationChannel::kSlack;
  const std::string& problem = slack ? told.slack.problem : told.webhook.problem;
  if (!problem.empty()) return Notifier::Outcome{Notifier::Result::kRefused, 0, problem};
  const Notifier::Receiver receiver = ReceiverOf(told, channel);
  if (receiver.url.empty()) return std::nullopt;
  Notifier& notifier = notifiers.Of(channel);
  const Route route{told.tenant, told.destination, notifiers.member};
  return notifier.Deliver(receiver, notifier.Test(exporter, route, audit), limits.stop);
}

void FillDeliveries(const std::vector<std::pair<NotificationChannel, Notifier::Outcome>>& outcomes,
                    v1::TestNotificationResponse* response) {
  response->set_delivered(true);
  for (const auto& [channel, outcome] : outcomes) {
    const bool sent = outcome.result == Notifier::Result::kSent;
    v1::NotificationDelivery* delivery = response->add_deliveries();
    delivery->set_channel(std::string(NotificationChannelName(channel)));
    delivery->set_delivered(sent);
    delivery->set_http_status(outcome.http_status);
    delivery->set_message(outcome.answer);
    const bool first = response->deliveries_size() == 1;
    if (first || (!sent && response->delivered())) {
      response->set_http_status(outcome.http_status);
      response->set_message(outcome.answer);
    }
    if (!sent) response->set_delivered(false);
  }
}

}  // namespace

absl::StatusOr<v1::TestNotificationResponse> PreviewControl::TestNotification(
    const v1::TestNotificationRequest& request, const Caller& caller, const CallLimits& limits) {
  const std::string id = ExporterOr(request.exporter());
  NotificationSettings told;
  v1::TestNotificationResponse response;
  bool answered = false;
  // A message cannot be taken back, so look for a repeated request before sending it.
  RETURN_IF_ERROR(environment_.store.Read([&](Transaction& tx) -> absl::Status {
    RETURN_IF_ERROR(FindExporter(tx, id).status());
    ASSIGN_OR_RETURN(answered,
                     IsAnswered(tx, TrustedNow(environment_.clock, environment_.components),
                                request.request_id()));
    ASSIGN_OR_RETURN(const ConfigVersion version, tx.GetConfig(id));
    told = LoadNotifications(version, environment_.secrets);
    return absl::OkStatus();
  }));
  std::vector<std::pair<NotificationChannel, Notifier::Outcome>> outcomes;
  if (!answered) {
    for (const NotificationChannel channel :
         {NotificationChannel::kSlack, NotificationChannel::kWebhook}) {
      std::optional<Notifier::Outcome> outcome = TestChannel(
          id, told, channel, environment_.notifiers, caller.AuditWith(request.reason()), limits);
      if (!outcome.has_value()) continue;
      if (outcome->result != Notifier::Result::kSent && limits.stop.stop_requested()) {
        return ShuttingDown();
      }
      outcomes.emplace_back(channel, *std::move(outcome));
    }
    if (outcomes.empty()) {
      ApiError error;
      error.code = absl::StatusCode::kFailedPrecondition;
      error.reason = "SLACK_NOT_CONFIGURED";
      error.message =
          "neither a Slack webhook nor a webhook for programs is configured; set slack.webhook, or "
          "webhook.url and webhook.secret, with UpdateConfig";
      error.precondition = {"SLACK_NOT_CONFIGURED", absl::StrCat("exporters/", id), error.message};
      return MakeApiError(error);
    }
    FillDeliveries(outcomes, &response);
  }
  std::vector<AuditedChange> changes = {{"delivered", "", response.delivered() ? "true" : "false"}};
  RETURN_IF_ERROR(WriteOnce(environment_.store,
                            TrustedNow(environment_.clock, environment_.components), caller,
                            request, &response, &changes,
                            [&](Transaction& tx) -> absl::Status {
                              for (const auto& [channel, outcome] : outcomes) {
                                RETURN_IF_ERROR(NoteDelivery(tx, id, channel, outcome,
                                                             environment_.clock.Now()));
                              }
                              return absl::OkStatus();
                            })
                      .status());
  return response;
}

absl::StatusOr<v1::ListLogTypesResponse> PreviewControl::ListLogTypes(
    const v1::ListLogTypesRequest& request) {
  std::vector<ApiError::Violation> violations;
  std::vector<std::string> known;
  for (const LogType& type : environment_.log_types) known.emplace_back(type.category);
  CheckNames("categories", request.categories(), "category", known, &violations);
  RETURN_IF_ERROR(InvalidFields(std::move(violations)));
  const absl::flat_hash_set<std::string> categories(request.categories().begin(),
                                                    request.categories().end());
  v1::ListLogTypesResponse response;
  for (const LogType& type : environment_.log_types) {
    if (!categories.empty() && !categories.contains(type.category)) continue;
    if (type.level < static_cast<int>(request.min_level())) continue;
    v1::LogType* row = response.add_log_types();
    row->set_code(std::string(type.code));
    row->set_name(std::string(type.name));
    row->set_category(std::string(type.category));
    row->set_level(static_cast<v1::LogLevel>(type.level));
  }
  return response;
}

}  // namespace logexport
