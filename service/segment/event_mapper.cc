#include "service/segment/event_mapper.h"

#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

#include "service/base/quoted_text.h"
#include "service/json/json_slice_reader.h"
#include "service/segment/event_envelope.h"
#include "service/segment/event_limits.h"
#include "service/segment/extension_event.h"
#include "service/segment/log_event.h"
#include "service/segment/log_fields.h"
#include "service/segment/privacy/log_redactor.h"
#include "service/segment/traits.h"

namespace logexport {
namespace {

constexpr std::size_t kSparePadding = 64;

MapResult Filtered(absl::string_view reason) {
  return {.kind = MapResult::Kind::kFiltered, .reason = reason, .message = ""};
}

MapResult Rejected(absl::string_view reason, std::string message) {
  return {.kind = MapResult::Kind::kRejected, .reason = reason, .message = std::move(message)};
}

std::optional<MapResult> RejectionOfDefect(Log::Defect defect) {
  switch (defect) {
    case Log::Defect::kNone:
      return std::nullopt;
    case Log::Defect::kNoId:
      return Rejected("MALFORMED_LOG",
                      "The log has neither log_id nor _id, so that its event could not be told "
                      "from a repetition.");
    case Log::Defect::kNotObject:
      return Rejected("MALFORMED_LOG",
                      "Auth0 listed something among its logs that is no JSON object.");
    case Log::Defect::kTooLarge:
      return Rejected("LOG_TOO_LARGE", "The log is larger than the service reads.");
  }
  return std::nullopt;
}

// Types of logs after which the user is new, or is known by another name or address.
enum class ProfileNews { kNone, kSignUp, kChange };
ProfileNews NewsIn(absl::string_view code) {
  if (code == "ss" || code == "si") return ProfileNews::kSignUp;
  // Changed e-mail address, username, phone number; verified e-mail address.
  for (const absl::string_view change : {"sce", "scu", "scpn", "sv"}) {
    if (code == change) return ProfileNews::kChange;
  }
  return ProfileNews::kNone;
}

// The events of one log at the end of the batch's text.
class EventList {
 public:
  EventList(std::string* text, std::vector<std::uint32_t>* sizes)
      : text_(text), sizes_(sizes), text_start_(text->size()), sizes_start_(sizes->size()) {}

  void Begin() {
    if (sizes_->size() > sizes_start_) text_->push_back(',');
    event_start_ = text_->size();
  }

  // Shortens the event that was appended since Begin if it is larger than allowed. False if that
  // is not possible.
  bool End() {
    if (text_->size() - event_start_ > kMaxEventBytes) {
      const std::optional<std::string> shortened =
          ShortenEvent(absl::string_view(*text_).substr(event_start_));
      if (!shortened.has_value()) return false;
      text_->replace(event_start_, text_->size() - event_start_, *shortened);
      truncated_ = true;
    }
    sizes_->push_back(static_cast<std::uint32_t>(text_->size() - event_start_));
    return true;
  }

  void Discard() {
    text_->resize(text_start_);
    sizes_->resize(sizes_start_);
  }

  int count() const { return static_cast<int>(sizes_->size() - sizes_start_); }
  bool truncated() const { return truncated_; }

 private:
  std::string* const text_;
  std::vector<std::uint32_t>* const sizes_;
  const std::size_t text_start_;
  const std::size_t sizes_start_;
  std::size_t event_start_ = 0;
  bool truncated_ = false;
};

class SegmentMapper final : public EventMapper {
 public:
  SegmentMapper(const SegmentSettings& segment, const PrivacySettings& privacy,
                const ProfileSettings& profile, absl::string_view tenant)
      : mapping_(segment.mapping),
        details_(segment.details),
        anonymous_(segment.anonymous_id),
        identify_(segment.identify),
        profiles_(profile.enabled),
        tenant_(tenant),
        privacy_key_id_(privacy.hash_key_id),
        envelope_(segment.message_namespace, segment.message_generation) {
    if (LogRedactor::IsNeeded(privacy)) redactor_.emplace(privacy);
  }

  bool WantsProfile(const Log& log) const override {
    if (log.user_id.empty() || log.defect != Log::Defect::kNone) return false;
    if (mapping_ == MappingKind::kExtension) return IsExtensionType(log.type->code);
    return profiles_;
  }

  bool TellsOfChange(const Log& log) const override {
    return NewsIn(log.type->code) == ProfileNews::kChange;
  }

  MapResult Map(const Log& log, const Profile* profile, std::string* out,
                std::vector<std::uint32_t>* event_sizes) override {
    if (std::optional<MapResult> rejected = RejectionOfDefect(log.defect); rejected.has_value()) {
      return *std::move(rejected);
    }
    if (mapping_ == MappingKind::kExtension && !IsExtensionType(log.type->code)) {
      return Filtered("TYPE_NOT_IN_EXTENSION");
    }
    Source source;
    if (!Open(log, profile, &source)) return RejectionOf(log);
    const Subject subject = FindSubject(source);
    if (subject.user_id.empty() && subject.anonymous_id.empty()) return Filtered("NO_USER");
    ReadTraits(log, source, subject);

    EventList events(out, event_sizes);
    bool fits = true;
    if (identify_ && !traits_.empty() && NewsIn(log.type->code) != ProfileNews::kNone) {
      events.Begin();
      AppendIdentify(log, source, subject, out);
      fits = events.End();
    }
    if (fits) {
      events.Begin();
      AppendTrack(log, source, subject, out);
      fits = events.End();
    }
    if (!fits) {
      events.Discard();
      return Rejected("EVENT_TOO_LARGE", absl::StrCat("The event is over ", kMaxEventBytes,
                                                      " bytes even with its texts shortened."));
    }
    MapResult result;
    result.events = events.count();
    result.truncated = events.truncated();
    return result;
  }

 private:
  // What an event is made of, after the privacy rules. Texts are followed by 64 readable bytes.
  struct Source {
    absl::string_view profile;  // empty if there is none
    absl::string_view tenant;
    bool hashed = false;
  };

  // False if the log is no sound JSON object, or too large for the privacy rules.
  bool Open(const Log& log, const Profile* profile, Source* source) {
    absl::string_view profile_json;
    if (profile != nullptr) profile_json = profile->json;
    if (redactor_.has_value()) {
      const RedactedLog* const redacted = redactor_->Redact(log, profile_json, tenant_);
      if (redacted == nullptr) return false;
      *source = {redacted->profile, redacted->tenant, redacted->hashed};
      fields_.Take(redacted->fields, log.id);
      fields_.mended = redacted->mended;
      return true;
    }
    profile_.assign(profile_json.data(), profile_json.size());
    profile_.reserve(profile_.size() + kSparePadding);
    *source = {profile_, tenant_, false};
    return fields_.Read(log, details_ == DetailsForm::kJsonString);
  }

  // Of a log that Open could not open.
  MapResult RejectionOf(const Log& log) {
    if (!fields_.Read(log, /*details_as_text=*/false)) {
      return Rejected("MALFORMED_LOG", "The log is no sound JSON object.");
    }
    return Rejected("EVENT_TOO_LARGE",
                    "The log holds more values than the privacy rules can be applied to.");
  }

  Subject FindSubject(const Source& source) {
    if (!fields_.user().empty()) return {.user_id = fields_.user(), .anonymous_id = {}};
    if (mapping_ == MappingKind::kExtension || anonymous_ == AnonymousIdSource::kDrop) return {};
    anonymous_id_.clear();
    if (anonymous_ == AnonymousIdSource::kClient && !fields_.client().empty()) {
      absl::StrAppend(&anonymous_id_, "auth0-client:", fields_.client());
    } else {
      anonymous_id_ = "auth0-tenant:";
      AppendJsonEscaped(source.tenant, &anonymous_id_);
    }
    return {.user_id = {}, .anonymous_id = anonymous_id_};
  }

  void ReadTraits(const Log& log, const Source& source, const Subject& subject) {
    traits_.clear();
    if (subject.user_id.empty()) return;
    if (!source.profile.empty()) {
      AppendProfileTraits(source.profile, reader_, &traits_);
    } else if (!redactor_.has_value() && NewsIn(log.type->code) == ProfileNews::kSignUp) {
      // Without a profile a sign-up tells the name the user signed up with. Redacted, it might be a
      // hash, which is neither a name nor an address.
      AppendLogTraits(fields_, &traits_);
    }
  }

  void AppendIdentify(const Log& log, const Source& source, const Subject& subject,
                      std::string* out) {
    envelope_.BeginIdentify(subject, log, fields_, out);
    AppendContext(ContextOf(source, {}), reader_, out);
    absl::StrAppend(out, ",\"traits\":{", traits_, "}}");
  }

  void AppendTrack(const Log& log, const Source& source, const Subject& subject, std::string* out) {
    if (mapping_ == MappingKind::kExtension) {
      envelope_.BeginTrack(ExtensionEventName(*log.type), subject, log, fields_, out);
      AppendContext(ContextOf(source, {}), reader_, out);
      extension_properties_.Append(source.profile, out);
    } else {
      const TimeSource time = envelope_.BeginTrack(log.type->name, subject, log, fields_, out);
      const absl::string_view traits = source.profile.empty() ? absl::string_view() : traits_;
      const ContextUse used = AppendContext(ContextOf(source, traits), reader_, out);
      AppendLogProperties(log, fields_, used, time, details_, reader_, out);
    }
    out->push_back('}');
  }

  EventContext ContextOf(const Source& source, absl::string_view traits) const {
    return {.fields = mapping_ == MappingKind::kExtension ? nullptr : &fields_,
            .traits = traits,
            .privacy_key_id = source.hashed ? absl::string_view(privacy_key_id_) : ""};
  }

  const MappingKind mapping_;
  const DetailsForm details_;
  const AnonymousIdSource anonymous_;
  const bool identify_;
  const bool profiles_;
  const std::string tenant_;
  const std::string privacy_key_id_;
  const EventEnvelope envelope_;
  std::optional<LogRedactor> redactor_;

  // Kept from log to log for their memory.
  LogFields fields_;
  JsonReader reader_;
  ExtensionProperties extension_properties_;
  std::string profile_;
  std::string anonymous_id_;
  std::string traits_;
};

}  // namespace

std::unique_ptr<EventMapper> MakeEventMapper(const SegmentSettings& segment,
                                             const PrivacySettings& privacy,
                                             const ProfileSettings& profile,
                                             absl::string_view tenant) {
  return std::make_unique<SegmentMapper>(segment, privacy, profile, tenant);
}

}  // namespace logexport
