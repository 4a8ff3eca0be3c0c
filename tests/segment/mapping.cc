#include "tests/segment/mapping.h"

#include "absl/strings/str_split.h"
#include <gtest/gtest.h>

#include "service/auth0/page_decoder.h"
#include "service/json/json_value.h"
#include "service/segment/event_mapper.h"

namespace logexport {

Mapped MapLog(absl::string_view log_json, const MappingOptions& options,
              const std::optional<std::string>& profile) {
  Mapped mapped;
  std::string body = "[";
  body.append(log_json.data(), log_json.size());
  body += "]";
  const absl::StatusOr<Page> page = PageDecoder().DecodeArray(std::move(body));
  if (!page.ok() || page->logs.size() != 1) {
    ADD_FAILURE() << "not a log: " << page.status() << "\n" << log_json.substr(0, 500);
    return mapped;
  }
  const auto mapper =
      MakeEventMapper(options.segment, options.privacy, options.profile, options.tenant);
  const Profile given{profile.value_or("")};
  constexpr absl::string_view kBefore = "{\"before\":1}";
  std::string out(kBefore);
  std::vector<std::uint32_t> sizes = {static_cast<std::uint32_t>(kBefore.size())};
  mapped.result = mapper->Map(page->logs[0], profile.has_value() ? &given : nullptr, &out, &sizes);

  EXPECT_EQ(out.substr(0, kBefore.size()), kBefore);
  EXPECT_EQ(sizes.size(), 1u + static_cast<std::size_t>(mapped.result.events));
  std::size_t at = kBefore.size();
  for (std::size_t i = 1; i < sizes.size(); ++i) {
    if (i > 1) {
      EXPECT_EQ(out[at], ',');
      ++at;
    }
    mapped.events.push_back(out.substr(at, sizes[i]));
    at += sizes[i];
  }
  EXPECT_EQ(at, out.size());
  EXPECT_EQ(mapped.result.kind == MapResult::Kind::kMapped, !mapped.events.empty());
  EXPECT_EQ(mapped.result.kind == MapResult::Kind::kMapped, mapped.result.reason.empty());
  return mapped;
}

std::string MapToEvent(absl::string_view log_json, const MappingOptions& options,
                       const std::optional<std::string>& profile) {
  const Mapped mapped = MapLog(log_json, options, profile);
  EXPECT_EQ(mapped.events.size(), 1u) << mapped.result.reason << " " << mapped.result.message;
  return mapped.events.empty() ? "" : mapped.events[0];
}

std::string At(absl::string_view json, absl::string_view path) {
  absl::StatusOr<JsonValue> root = JsonValue::ParseFolded(json);
  if (!root.ok()) {
    ADD_FAILURE() << "not JSON: " << json.substr(0, 500);
    return "";
  }
  JsonValue* node = &*root;
  for (const absl::string_view key : absl::StrSplit(path, '/')) {
    node = node->Find(key);
    if (node == nullptr) return "";
  }
  std::string text;
  AppendJson(*node, &text);
  return text;
}

}  // namespace logexport
