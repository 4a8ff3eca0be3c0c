#ifndef LOGEXPORT_SERVICE_EXPORT_SETTINGS_H_
#define LOGEXPORT_SERVICE_EXPORT_SETTINGS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace logexport {

// An exporter's configuration as its parts use it: checked, complete, with secrets read. Made by
// config/ from the API's ExporterConfig at the start of each run; never stored, never printed. The
// values here are the defaults of the configuration, too.

struct Auth0Settings {
  std::string base_url;  // https://tenant.example.auth0.com, no slash at the end
  std::string audience;
  std::string client_id;
  std::string client_secret;
  int batch_size = 100;
  absl::Duration settle_delay = absl::Seconds(10);
  absl::Duration retention;  // zero: unknown
  int rate_limit_reserve_percent = 10;
  friend bool operator==(const Auth0Settings&, const Auth0Settings&) = default;
};

enum class MappingKind { kLogEvent, kExtension };
enum class DetailsForm { kJsonString, kObject, kOmit };
enum class AnonymousIdSource { kClient, kTenant, kDrop };

struct SegmentSettings {
  std::string base_url;  // events go to base_url + "/v1/batch"
  bool region_assumed = false;
  std::string write_key;
  MappingKind mapping = MappingKind::kLogEvent;
  DetailsForm details = DetailsForm::kJsonString;
  AnonymousIdSource anonymous_id = AnonymousIdSource::kClient;
  bool identify = false;
  std::int64_t max_events_per_second = 1000;  // 0: no limit
  int max_in_flight = 4;
  bool gzip = false;
  // First part of every messageId: 16 hex digits, fixed when the exporter was created.
  std::string message_namespace;
  // Joins the id when a run asked for new message ids; 0 leaves the ids as they always were.
  std::int64_t message_generation = 0;
  friend bool operator==(const SegmentSettings&, const SegmentSettings&) = default;
};

struct FilterSettings {
  std::vector<std::string> types;       // empty: all
  std::vector<std::string> categories;  // empty: all
  int min_level = 1;
  std::vector<std::string> client_ids;   // empty: all
  std::vector<std::string> connections;  // empty: all
  bool ignore_own_client = true;
};

struct ProfileSettings {
  bool enabled = false;
  // Empty: who the user is, without metadata and tokens.
  std::vector<std::string> fields;
  // Instead: whatever Auth0 has, but `identities`.
  bool whole = false;
  absl::Duration cache_ttl = absl::Hours(1);
  int rate_share_percent = 50;
  friend bool operator==(const ProfileSettings&, const ProfileSettings&) = default;
};

enum class PrivacyAction { kDrop, kMask, kHash };
struct PrivacyRule {
  std::string path;  // dotted, as in the log: "user_name", "details.request.ip", "profile.email"
  PrivacyAction action = PrivacyAction::kDrop;
};
struct PrivacySettings {
  bool standard_preset = false;
  std::vector<PrivacyRule> rules;
  std::vector<std::string> allow_only;  // empty: everything that no rule covers
  std::string hash_key;
  std::string hash_key_id;
};

struct SlackSettings {
  std::string webhook;  // empty: no messages
  bool send_success = false;
  std::optional<int> daily_report_hour;
  std::string time_zone = "UTC";
  int silence_periods = 3;  // 0: no alarm
  absl::Duration reminder_interval = absl::Hours(6);
  // A webhook is configured but cannot be used; `webhook` is empty then.
  std::string problem;
};

// Messages to programs. What repeats, counts as silence, and is due each day stands in
// SlackSettings.
struct WebhookSettings {
  std::string url;     // empty: no messages
  std::string secret;  // signs them
  bool send_success = false;
  // A webhook is configured but cannot be used; `url` is empty then.
  std::string problem;
};

// Who is told what is new of an exporter.
struct NotificationSettings {
  SlackSettings slack;
  WebhookSettings webhook;
  // What messages name beside the exporter: the host of the tenant and that of Segment's endpoint.
  std::string tenant;
  std::string destination;

  // Whether there is anybody to tell.
  bool any() const { return !slack.webhook.empty() || !webhook.url.empty(); }
};

// When logs are read again to find those that became visible late.
struct CompletenessSettings {
  bool enabled = true;
  std::vector<absl::Duration> ages = {absl::Hours(2), absl::Hours(48)};
  absl::Duration interval = absl::Minutes(5);  // how often is looked for what is due
  // How far beyond its end, by the time in the ids, a window is read.
  absl::Duration window_lateness = absl::Hours(1);
};

struct RunSettings {
  absl::Duration max_duration = absl::Hours(1);
  absl::Duration max_stall = absl::Minutes(2);
  std::int64_t max_logs = 0;  // 0: no limit
};

struct ExporterSettings {
  std::string exporter;
  Auth0Settings auth0;
  SegmentSettings segment;
  FilterSettings filter;
  ProfileSettings profile;
  PrivacySettings privacy;
  NotificationSettings notifications;
  RunSettings run;
  CompletenessSettings completeness;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_EXPORT_SETTINGS_H_
