#include "service/config/validation.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include <google/protobuf/descriptor.h>

#include "logexport/v1/config.pb.h"
#include "service/base/spelling.h"
#include "service/config/endpoints.h"
#include "service/config/field_rules.h"
#include "service/config/filter_rules.h"
#include "service/config/profile_fields.h"
#include "service/config/schema.h"
#include "service/config/slip_rules.h"
#include "service/config/start_point.h"
#include "service/http/url.h"
#include "service/schedule/cron.h"
#include "service/schedule/time_zone.h"

namespace logexport {
namespace {

using Texts = google::protobuf::RepeatedPtrField<std::string>;

constexpr std::size_t kLongestToken = 256;
constexpr std::size_t kShortestHashKey = 16;
constexpr std::size_t kSegmentKeyLength = 32;

bool IsText(const ConfigField& field) {
  return field.descriptor().cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_STRING &&
         !field.descriptor().is_repeated();
}

std::string Item(absl::string_view list, int index) { return absl::StrCat(list, "[", index, "]"); }

class Validator {
 public:
  Validator(const v1::ExporterConfig& config, const ValidationContext& context)
      : config_(config), complete_(WithDefaults(config)), context_(context) {}

  ValidationResult Run() && {
    for (const ConfigField& field : ConfigFields()) CheckField(field);
    CheckSchedule();
    CheckAuth0();
    CheckSegment();
    CheckFilter();
    CheckProfile();
    CheckPrivacy();
    CheckSlack();
    CheckWebhookSettings();
    CheckStartFrom();
    return std::move(result_);
  }

 private:
  // Only the first thing that is wrong with a field is said: the others follow from it.
  void Violate(absl::string_view field, absl::string_view description,
               ConfigViolation::Kind kind = ConfigViolation::Kind::kInvalid) {
    const bool known =
        std::any_of(result_.violations.begin(), result_.violations.end(),
                    [field](const ConfigViolation& earlier) { return earlier.field == field; });
    if (known) return;
    result_.violations.push_back(MakeViolation(std::string(field), std::string(description), kind));
  }
  void Check(absl::string_view field, const absl::Status& status) {
    if (!status.ok()) Violate(field, status.message());
  }
  void Warn(absl::string_view field, absl::string_view text) {
    result_.warnings.push_back(absl::StrCat(field, ": ", text));
  }

  void CheckField(const ConfigField& field) {
    const absl::Status value = CheckValue(complete_, field);
    Check(field.path, value);
    const std::vector<std::string> required = RequiredFields();
    const bool is_required =
        std::find(required.begin(), required.end(), field.path) != required.end();
    if (is_required && context_.require_all && TextOf(config_, field).empty()) {
      Violate(field.path, "is required");
    }
    if (!value.ok() || !IsText(field)) return;
    if (!field.secret) {
      Check(field.path, CheckForSlips(TextOf(config_, field)));
    } else if (!TextOf(config_, field).empty()) {
      CheckSecret(field);
    }
  }

  void CheckSecret(const ConfigField& field) {
    const std::string& text = TextOf(config_, field);
    const SecretSource source = ParseSecretSource(text);
    if (const absl::Status form = CheckSecretSource(source); !form.ok()) {
      Violate(field.path, form.message());
      return;
    }
    std::string value = text;
    if (!source.reference()) Check(field.path, CheckLiteralSecret(text));
    if (source.reference()) {
      if (context_.secrets == nullptr) return;
      const absl::StatusOr<std::string> read = context_.secrets->Resolve(text);
      if (!read.ok()) {
        Violate(field.path, absl::StrCat("cannot be read: ", read.status().message()),
                ConfigViolation::Kind::kSecretUnreadable);
        return;
      }
      value = *read;
      if (const absl::Status allowed = CheckDestination(field.path, text, value); !allowed.ok()) {
        Violate(field.path, allowed.message(), ConfigViolation::Kind::kReferenceNotAllowed);
        return;
      }
    }
    CheckSecretValue(field.path, value);
  }

  absl::Status CheckDestination(absl::string_view path, const std::string& reference,
                                const std::string& value) const {
    absl::StatusOr<std::string> url = std::string();
    if (path == "auth0.client_secret") url = ParseBaseUrl(complete_.auth0().base_url());
    if (path == "segment.write_key") url = SegmentBaseUrl(complete_.segment().endpoint());
    if (path == "slack.webhook" || path == "webhook.url") url = value;
    if (path == "webhook.secret") {
      const absl::StatusOr<std::string> receiver =
          context_.secrets->Resolve(complete_.webhook().url());
      url = receiver.value_or(std::string());
    }
    const absl::StatusOr<Url> parsed = ParseUrl(url.value_or(std::string()));
    // A malformed address is a violation of its own field.
    if (!parsed.ok()) return absl::OkStatus();
    return context_.secrets->MayBeSent(context_.exporter, reference, parsed->host);
  }

  void CheckSecretValue(absl::string_view path, absl::string_view value) {
    if (value == kMaskedSecret) {
      Violate(path, "is the mask that stands for a stored secret; send the secret itself");
    } else if (path == "slack.webhook" || path == "webhook.url") {
      Check(path, CheckForSlips(value));
      Check(path, CheckWebhook(value));
    } else if (path == "webhook.secret") {
      Check(path, CheckForSlips(value));
      Check(path, CheckToken(value, 4096));
      if (value.size() < kShortestHashKey) {
        Violate(path, absl::StrCat("has fewer than ", kShortestHashKey,
                                   " characters, so that signatures can be forged by trying; "
                                   "make one with: openssl rand -hex 32"));
      }
    } else if (path == "privacy.hash_key") {
      if (value.size() < kShortestHashKey) {
        Warn(path, absl::StrCat("has fewer than ", kShortestHashKey,
                                " characters, so that hashes can be undone by trying keys"));
      }
    } else {
      Check(path, CheckForSlips(value));
      Check(path, CheckToken(value, 4096));
      const bool segments_own = SegmentBaseUrl(complete_.segment().endpoint()).ok() &&
                                !absl::StrContains(complete_.segment().endpoint(), "://");
      if (path == "segment.write_key" && segments_own && value.size() != kSegmentKeyLength) {
        Warn(path, absl::StrCat("has ", value.size(), " characters, but Segment's write keys have ",
                                kSegmentKeyLength,
                                "; Segment takes events with a wrong key and drops them silently"));
      }
    }
  }

  void CheckSchedule() {
    const v1::Schedule& schedule = complete_.schedule();
    Check("schedule.cron", ParseCron(schedule.cron()).status());
    Check("schedule.time_zone", LoadZone(schedule.time_zone()).status());
  }

  void CheckAuth0() {
    const v1::Auth0Settings& auth0 = complete_.auth0();
    // What follows from a wrong or missing domain is not worth a message of its own.
    bool domain_ok = !auth0.domain().empty();
    if (domain_ok) {
      const absl::Status domain = CheckHostName(auth0.domain());
      Check("auth0.domain", domain);
      domain_ok = domain.ok();
      if (domain_ok && !absl::StrContains(auth0.domain(), '.') && !config_.auth0().has_base_url()) {
        Warn("auth0.domain", "has no dot; the domain of a tenant looks like acme.eu.auth0.com");
      }
    }
    if (!auth0.client_id().empty()) {
      Check("auth0.client_id", CheckToken(auth0.client_id(), kLongestToken));
    }
    if (domain_ok || config_.auth0().has_base_url()) {
      Check("auth0.base_url", CheckTenantBaseUrl(auth0.base_url()));
    }
    if (domain_ok || config_.auth0().has_audience()) {
      Check("auth0.audience", TenantOfAudience(auth0.audience()).status());
      if (!absl::EndsWith(auth0.audience(), "/api/v2/")) {
        Warn("auth0.audience",
             "does not end in /api/v2/ as the audience of the Management API does; the slash at "
             "its end matters");
      }
    }
  }

  void CheckSegment() {
    Check("segment.endpoint", SegmentBaseUrl(complete_.segment().endpoint()).status());
    if (!config_.segment().has_endpoint()) {
      Warn("segment.endpoint",
           "is not set, so the US region is assumed; Segment loses events sent to the wrong region "
           "without an error");
    }
  }

  void CheckTokens(absl::string_view path, const Texts& items,
                   const std::function<bool(absl::string_view)>& known, absl::string_view what) {
    for (int i = 0; i < items.size(); ++i) {
      absl::Status form = CheckToken(items.Get(i), kLongestToken);
      if (form.ok()) form = CheckListItem(items.Get(i));
      Check(Item(path, i), form);
      if (!form.ok() || known == nullptr || known(items.Get(i))) continue;
      const std::string lower = absl::AsciiStrToLower(items.Get(i));
      if (lower == "all" || lower == "any") {
        Violate(Item(path, i), absl::StrCat("is ", Quoted(items.Get(i)), ", which is no ", what,
                                            "; leave the list empty for all"));
      } else if (known(lower)) {
        Violate(Item(path, i), absl::StrCat("is ", Quoted(items.Get(i)), "; write ", lower,
                                            ", since case matters"));
      } else if (context_.log_types == nullptr || !IsOtherKind(items.Get(i))) {
        Warn(Item(path, i), absl::StrCat("unknown ", what, " ", Quoted(items.Get(i)),
                                         "; nothing matches unless Auth0 has added it"));
      }
    }
  }

  // A type where a category is meant, or the other way round: that is refused by itself.
  bool IsOtherKind(absl::string_view name) const {
    return context_.is_known_log_type(name) || context_.is_known_category(name);
  }

  void CheckFilter() {
    const v1::LogFilter& filter = complete_.filter();
    CheckTokens("filter.types", filter.types(), context_.is_known_log_type, "log type");
    CheckTokens("filter.categories", filter.categories(), context_.is_known_category, "category");
    CheckTokens("filter.client_ids", filter.client_ids(), nullptr, "");
    for (int i = 0; i < filter.connections_size(); ++i) {
      const std::string& name = filter.connections(i);
      if (name.empty() || name.size() > kLongestToken) {
        Violate(Item("filter.connections", i),
                absl::StrCat("is ", Quoted(name), "; write the name of a connection"));
      }
      Check(Item("filter.connections", i), CheckListItem(name));
    }
    if (context_.log_types == nullptr) return;
    for (const FilterFinding& found : CheckFilterTogether(complete_, *context_.log_types)) {
      if (found.refused) {
        Violate(found.field, found.description);
      } else {
        Warn(found.field, found.description);
      }
    }
  }

  void CheckProfile() {
    const std::vector<std::string> known = KnownProfileFields();
    const Texts& fields = complete_.profile().fields();
    for (int i = 0; i < fields.size(); ++i) {
      const std::string& name = fields.Get(i);
      absl::Status form = CheckToken(name, kLongestToken);
      if (form.ok()) form = CheckListItem(name);
      if (absl::StrContains(name, ',')) {
        form = absl::InvalidArgumentError("holds a comma; write one field an item");
      }
      Check(Item("profile.fields", i), form);
      if (!form.ok()) continue;
      if (name == "identities") {
        Warn(Item("profile.fields", i),
             "identities can hold access tokens of identity providers, which would leave for "
             "Segment");
      } else if (std::find(known.begin(), known.end(), name) == known.end()) {
        const std::string nearest = NearestWord(name, known);
        Warn(Item("profile.fields", i),
             absl::StrCat("unknown profile field ", Quoted(name),
                          nearest.empty() ? "" : absl::StrCat("; did you mean ", nearest, "?")));
      }
    }
  }

  void CheckPrivacy() {
    const v1::PrivacySettings& privacy = complete_.privacy();
    std::string hashing;
    if (privacy.preset() == v1::PRIVACY_PRESET_STANDARD) hashing = "privacy.preset";
    std::map<std::string, int> seen;
    for (int i = 0; i < privacy.rules_size(); ++i) {
      const v1::PrivacyRule& rule = privacy.rules(i);
      const std::string path = Item("privacy.rules", i);
      Check(path + ".path", CheckLogPath(rule.path()));
      if (const auto [first, is_new] = seen.try_emplace(rule.path(), i); !is_new) {
        Violate(path + ".path", absl::StrCat("is ", Quoted(rule.path()), ", as in ",
                                             Item("privacy.rules", first->second)));
      }
      if (rule.action() == v1::PRIVACY_ACTION_UNSPECIFIED ||
          !v1::PrivacyAction_IsValid(rule.action())) {
        Violate(path + ".action", "is not set; write drop, mask or hash");
      }
      if (rule.action() == v1::PRIVACY_ACTION_HASH && hashing.empty()) hashing = path;
    }
    for (int i = 0; i < privacy.allow_only_size(); ++i) {
      Check(Item("privacy.allow_only", i), CheckLogPath(privacy.allow_only(i)));
    }
    if (!hashing.empty() && privacy.hash_key().empty()) {
      Violate("privacy.hash_key", absl::StrCat("is required, since ", hashing, " hashes"));
    }
    if (!privacy.hash_key_id().empty()) {
      Check("privacy.hash_key_id", CheckToken(privacy.hash_key_id(), 64));
    }
  }

  void CheckSlack() {
    const v1::SlackSettings& slack = complete_.slack();
    Check("slack.time_zone", LoadZone(slack.time_zone()).status());
    const bool nobody = slack.webhook().empty() && complete_.webhook().url().empty();
    if (nobody ? slack.has_daily_report_hour() || slack.send_success()
               : slack.webhook().empty() && slack.send_success()) {
      Warn("slack.webhook", "is not set, so no message is sent");
    }
  }

  void CheckWebhookSettings() {
    const v1::WebhookSettings& webhook = complete_.webhook();
    if (!webhook.url().empty() && webhook.secret().empty()) {
      Violate("webhook.secret", "is required, since webhook.url is set: events are signed with it");
    }
    if (webhook.url().empty() && (!webhook.secret().empty() || webhook.send_success())) {
      Warn("webhook.url", "is not set, so no event is posted");
    }
  }

  void CheckStartFrom() {
    if (config_.start_from().empty()) return;
    Check("start_from", ParseStartPoint(config_.start_from(), context_.now).status());
  }

  const v1::ExporterConfig& config_;
  const v1::ExporterConfig complete_;
  const ValidationContext& context_;
  ValidationResult result_;
};

}  // namespace

ValidationResult ValidateConfig(const v1::ExporterConfig& config,
                                const ValidationContext& context) {
  return Validator(config, context).Run();
}

}  // namespace logexport
