#include "service/config/resolved_settings.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "logexport/v1/config.pb.h"
#include "service/base/status_macros.h"
#include "service/config/endpoints.h"
#include "service/config/profile_fields.h"
#include "service/config/schema.h"
#include "service/export/failure.h"
#include "service/http/url.h"

namespace logexport {
namespace {

std::vector<std::string> Strings(const google::protobuf::RepeatedPtrField<std::string>& list) {
  return {list.begin(), list.end()};
}

// Reads secrets and remembers which could not be read.
class SecretReader {
 public:
  SecretReader(absl::string_view exporter, const SecretResolver& secrets)
      : exporter_(exporter), secrets_(secrets) {}

  // `url` is where the secret will be sent; empty if nowhere.
  std::string Read(absl::string_view field, const std::string& text, const std::string& url = "") {
    absl::StatusOr<std::string> secret = ReadFor(text, url);
    if (secret.ok()) return *std::move(secret);
    fields_.emplace_back(field);
    problems_.push_back(absl::StrCat(field, ": ", secret.status().message()));
    return "";
  }

  // The webhook is an address and a secret in one.
  std::string ReadWebhook(absl::string_view field, const std::string& text) {
    std::string webhook = Read(field, text);
    if (webhook.empty()) return webhook;
    return Read(field, text, webhook);
  }

  // What could not be read and why; empty if everything could.
  std::string problems() const { return absl::StrJoin(problems_, "; "); }

  absl::Status status() const {
    if (problems_.empty()) return absl::OkStatus();
    Failure failure;
    failure.origin = Origin::kInternal;
    failure.kind = FailureClass::kPermanent;
    failure.reason = FailureReason::kSecretUnreadable;
    failure.message = absl::StrJoin(problems_, "; ");
    failure.field = absl::StrJoin(fields_, ", ");
    failure.action =
        "Set the variable or file for the service, or send the secret with UpdateConfig.";
    return MakeFailure(failure);
  }

 private:
  absl::StatusOr<std::string> ReadFor(const std::string& text, const std::string& url) const {
    if (!url.empty()) {
      if (const absl::StatusOr<Url> parsed = ParseUrl(url); parsed.ok()) {
        RETURN_IF_ERROR(secrets_.MayBeSent(exporter_, text, parsed->host));
      }
    }
    return secrets_.Resolve(text);
  }

  const std::string exporter_;
  const SecretResolver& secrets_;
  std::vector<std::string> fields_;
  std::vector<std::string> problems_;
};

absl::StatusOr<Auth0Settings> ResolveAuth0(const v1::Auth0Settings& config, SecretReader* secrets) {
  Auth0Settings settings;
  ASSIGN_OR_RETURN(settings.base_url, ParseBaseUrl(config.base_url()));
  settings.audience = config.audience();
  settings.client_id = config.client_id();
  settings.client_secret =
      secrets->Read("auth0.client_secret", config.client_secret(), settings.base_url);
  settings.batch_size = config.batch_size();
  settings.settle_delay = ToDuration(config.settle_delay());
  settings.retention = ToDuration(config.retention());
  settings.rate_limit_reserve_percent = config.rate_limit_reserve_percent();
  return settings;
}

absl::StatusOr<SegmentSettings> ResolveSegment(const v1::SegmentSettings& config,
                                               SecretReader* secrets) {
  SegmentSettings settings;
  ASSIGN_OR_RETURN(settings.base_url, SegmentBaseUrl(config.endpoint()));
  settings.write_key = secrets->Read("segment.write_key", config.write_key(), settings.base_url);
  settings.mapping = config.mapping() == v1::EVENT_MAPPING_EXTENSION ? MappingKind::kExtension
                                                                     : MappingKind::kLogEvent;
  settings.details = config.details() == v1::DETAILS_FORMAT_OBJECT ? DetailsForm::kObject
                     : config.details() == v1::DETAILS_FORMAT_OMIT ? DetailsForm::kOmit
                                                                   : DetailsForm::kJsonString;
  settings.anonymous_id =
      config.anonymous_id() == v1::ANONYMOUS_ID_TENANT ? AnonymousIdSource::kTenant
      : config.anonymous_id() == v1::ANONYMOUS_ID_DROP ? AnonymousIdSource::kDrop
                                                       : AnonymousIdSource::kClient;
  settings.identify = config.identify();
  settings.max_events_per_second = config.max_events_per_second();
  settings.max_in_flight = config.max_in_flight();
  settings.gzip = config.gzip();
  return settings;
}

FilterSettings ResolveFilter(const v1::LogFilter& config) {
  FilterSettings settings;
  settings.types = Strings(config.types());
  settings.categories = Strings(config.categories());
  settings.min_level = static_cast<int>(config.min_level());
  settings.client_ids = Strings(config.client_ids());
  settings.connections = Strings(config.connections());
  settings.ignore_own_client = config.ignore_own_client();
  return settings;
}

ProfileSettings ResolveProfile(const v1::ProfileSettings& config, MappingKind mapping) {
  ProfileSettings settings;
  settings.enabled = config.enabled() || mapping == MappingKind::kExtension;
  settings.fields = Strings(config.fields());
  if (settings.fields.empty()) {
    settings.whole = mapping == MappingKind::kExtension;
    if (!settings.whole) settings.fields = BasicProfileFields();
  }
  settings.cache_ttl = ToDuration(config.cache_ttl());
  settings.rate_share_percent = config.rate_share_percent();
  return settings;
}

PrivacyAction ResolveAction(v1::PrivacyAction action) {
  switch (action) {
    case v1::PRIVACY_ACTION_MASK:
      return PrivacyAction::kMask;
    case v1::PRIVACY_ACTION_HASH:
      return PrivacyAction::kHash;
    default:
      return PrivacyAction::kDrop;
  }
}

PrivacySettings ResolvePrivacy(const v1::PrivacySettings& config, SecretReader* secrets) {
  PrivacySettings settings;
  settings.standard_preset = config.preset() == v1::PRIVACY_PRESET_STANDARD;
  for (const v1::PrivacyRule& rule : config.rules()) {
    settings.rules.push_back({.path = rule.path(), .action = ResolveAction(rule.action())});
  }
  settings.allow_only = Strings(config.allow_only());
  if (config.has_hash_key()) {
    settings.hash_key = secrets->Read("privacy.hash_key", config.hash_key());
  }
  settings.hash_key_id = config.hash_key_id();
  return settings;
}

// A message that cannot be sent fails no run: what is wrong is kept beside the settings.
SlackSettings ResolveSlack(const v1::SlackSettings& config, SecretReader reader) {
  SlackSettings settings;
  if (config.has_webhook()) {
    settings.webhook = reader.ReadWebhook("slack.webhook", config.webhook());
    settings.problem = reader.problems();
    if (settings.problem.empty()) {
      if (const absl::Status form = CheckWebhook(settings.webhook); !form.ok()) {
        settings.problem = absl::StrCat("slack.webhook ", form.message());
      }
    }
    if (!settings.problem.empty()) settings.webhook.clear();
  }
  settings.send_success = config.send_success();
  if (config.has_daily_report_hour()) settings.daily_report_hour = config.daily_report_hour();
  settings.time_zone = config.time_zone();
  settings.silence_periods = config.silence_periods();
  settings.reminder_interval = ToDuration(config.reminder_interval());
  return settings;
}

WebhookSettings ResolveWebhook(const v1::WebhookSettings& config, SecretReader reader) {
  WebhookSettings settings;
  settings.send_success = config.send_success();
  if (!config.has_url()) return settings;
  settings.url = reader.ReadWebhook("webhook.url", config.url());
  settings.secret = reader.Read("webhook.secret", config.secret(), settings.url);
  settings.problem = reader.problems();
  if (settings.problem.empty()) {
    if (const absl::Status form = CheckWebhook(settings.url); !form.ok()) {
      settings.problem = absl::StrCat("webhook.url ", form.message());
    } else if (settings.secret.empty()) {
      settings.problem = "webhook.secret is not set";
    }
  }
  if (!settings.problem.empty()) settings.url.clear();
  return settings;
}

}  // namespace

NotificationSettings ResolveNotifications(absl::string_view exporter,
                                          const v1::ExporterConfig& config,
                                          const SecretResolver& secrets) {
  const v1::ExporterConfig complete = WithDefaults(config);
  NotificationSettings settings;
  settings.slack = ResolveSlack(complete.slack(), SecretReader(exporter, secrets));
  settings.webhook = ResolveWebhook(complete.webhook(), SecretReader(exporter, secrets));
  settings.tenant = TenantOfAudience(complete.auth0().audience()).value_or("");
  const absl::StatusOr<std::string> endpoint = SegmentBaseUrl(complete.segment().endpoint());
  if (endpoint.ok()) settings.destination = TenantOfAudience(*endpoint).value_or("");
  return settings;
}

CompletenessSettings ResolveCompleteness(const v1::CompletenessSettings& config) {
  CompletenessSettings settings;
  settings.enabled = config.enabled();
  settings.ages.clear();
  for (const google::protobuf::Duration& age : config.ages()) {
    settings.ages.push_back(ToDuration(age));
  }
  settings.interval = ToDuration(config.interval());
  settings.window_lateness = ToDuration(config.window_lateness());
  return settings;
}

absl::StatusOr<ExporterSettings> ResolveSettings(absl::string_view exporter,
                                                 const v1::ExporterConfig& config,
                                                 const MessageIdentity& identity,
                                                 const SecretResolver& secrets) {
  const v1::ExporterConfig complete = WithDefaults(config);
  SecretReader reader(exporter, secrets);
  ExporterSettings settings;
  settings.exporter = std::string(exporter);
  ASSIGN_OR_RETURN(settings.auth0, ResolveAuth0(complete.auth0(), &reader));
  ASSIGN_OR_RETURN(settings.segment, ResolveSegment(complete.segment(), &reader));
  settings.segment.region_assumed = !config.segment().has_endpoint();
  settings.segment.message_namespace = identity.message_namespace;
  settings.segment.message_generation = identity.generation;
  settings.filter = ResolveFilter(complete.filter());
  settings.profile = ResolveProfile(complete.profile(), settings.segment.mapping);
  settings.privacy = ResolvePrivacy(complete.privacy(), &reader);
  settings.notifications = ResolveNotifications(exporter, config, secrets);
  settings.run.max_duration = ToDuration(complete.run().max_duration());
  settings.run.max_stall = ToDuration(complete.run().max_stall());
  settings.run.max_logs = complete.run().max_logs();
  settings.completeness = ResolveCompleteness(complete.completeness());
  RETURN_IF_ERROR(reader.status());
  return settings;
}

}  // namespace logexport
