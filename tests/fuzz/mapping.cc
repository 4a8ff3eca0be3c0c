#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"

#include "service/auth0/page_decoder.h"
#include "service/auth0/user_decoder.h"
#include "service/base/utf8.h"
#include "service/json/json_value.h"
#include "service/segment/event_limits.h"
#include "service/segment/event_mapper.h"
#include "tests/fuzz/targets.h"
#include "tests/sandbox/segment/segment_rules.h"

namespace logexport {
namespace {

struct Options {
  SegmentSettings segment;
  PrivacySettings privacy;
};

// The first byte chooses the mapping, the second the rules of privacy.
Options Choose(unsigned char mapping, unsigned char privacy) {
  Options options;
  options.segment.message_namespace = "0123456789abcdef";
  options.segment.mapping = (mapping & 1) != 0 ? MappingKind::kExtension : MappingKind::kLogEvent;
  options.segment.identify = (mapping & 2) != 0;
  options.segment.details = static_cast<DetailsForm>((mapping >> 2) % 3);
  options.segment.anonymous_id = static_cast<AnonymousIdSource>((mapping >> 4) % 3);
  options.privacy.standard_preset = (privacy & 1) != 0;
  options.privacy.hash_key = "key";
  options.privacy.hash_key_id = "1";
  const auto action = static_cast<PrivacyAction>((privacy >> 1) % 3);
  if ((privacy & 8) != 0) options.privacy.rules.push_back({"user_name", action});
  if ((privacy & 16) != 0) options.privacy.rules.push_back({"details.*", action});
  if ((privacy & 32) != 0) options.privacy.rules.push_back({"profile.email", action});
  if ((privacy & 64) != 0) options.privacy.allow_only = {"user_id", "details.name", "description"};
  return options;
}

void CheckEvents(const std::string& events, int count, MappingKind mapping) {
  Promise(IsValidUtf8(events), "events are UTF-8");
  std::string body = absl::StrCat(
      R"({"writeKey":"k","sentAt":"2026-11-23T00:00:00.000Z","batch":[)", events, "]}");
  body.reserve(body.size() + 64);
  Promise(JsonValue::ParseFolded(body, kMaxJsonDepth + 5).ok(), "events are JSON");
  sandbox::BatchReader reader(kMaxEventBytes, /*numeric_ids=*/false);
  const sandbox::BatchFacts& facts = reader.Read(body);
  // The simulator cannot read numbers beyond double, which are passed on as they are written.
  if (!facts.valid_json) return;
  Promise(facts.events.size() == static_cast<std::size_t>(count), "events are counted");
  for (const sandbox::EventFacts& event : facts.events) {
    for (std::size_t i = 0; i < sandbox::kViolations; ++i) {
      const auto violation = static_cast<sandbox::Violation>(i);
      // What the extension sent stays as it was, whatever the user's metadata call their own.
      if (violation == sandbox::Violation::kReservedType && mapping == MappingKind::kExtension) {
        continue;
      }
      Promise(!event.violations.Contains(violation), "events keep Segment's rules");
    }
  }
}

}  // namespace

// Two bytes that choose (see Choose), a log, and behind a line break the user's profile.
void FuzzMapping(absl::string_view input) {
  if (input.size() < 2) return;
  const Options options =
      Choose(static_cast<unsigned char>(input[0]), static_cast<unsigned char>(input[1]));
  input.remove_prefix(2);
  const std::size_t end = input.find('\n');
  std::unique_ptr<Profile> profile;
  if (end != absl::string_view::npos) {
    const absl::StatusOr<std::vector<User>> users =
        DecodeUsers(std::string(input.substr(end + 1)),
                    UserFields::Only({"user_id", "email", "user_metadata"}));
    // A user who is gone has an empty profile.
    const bool found = users.ok() && !users->empty();
    profile = std::make_unique<Profile>(Profile{found ? users->front().json : ""});
  }
  const absl::StatusOr<Page> page =
      PageDecoder().DecodeArray(absl::StrCat("[", input.substr(0, end), "]"));
  if (!page.ok()) return;
  const auto mapper = MakeEventMapper(options.segment, options.privacy, {}, "acme.eu.auth0.com");
  for (const Log& log : page->logs) {
    if (log.defect != Log::Defect::kNone) continue;
    std::string events;
    std::vector<std::uint32_t> sizes;
    const MapResult result = mapper->Map(log, profile.get(), &events, &sizes);
    std::string again;
    std::vector<std::uint32_t> sizes_again;
    mapper->Map(log, profile.get(), &again, &sizes_again);
    Promise(events == again && sizes == sizes_again, "the same log becomes the same bytes");
    if (result.kind == MapResult::Kind::kMapped) {
      CheckEvents(events, result.events, options.segment.mapping);
    } else {
      Promise(events.empty() && sizes.empty(), "what is not mapped leaves nothing behind");
      Promise(!result.reason.empty(), "what is not mapped has a reason");
      Promise(IsValidUtf8(result.message), "words about a log are UTF-8");
    }
  }
}

}  // namespace logexport
