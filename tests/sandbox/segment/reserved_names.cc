#include "tests/sandbox/segment/reserved_names.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/time/civil_time.h"
#include "absl/types/span.h"

#include "service/base/time_text.h"

namespace logexport::sandbox {
namespace {

using JsonType = simdjson::ondemand::json_type;

enum class Kind {
  kText,
  kNumber,
  kTruth,
  kObject,
  kDate,      // ISO 8601: a day, or a time with its zone
  kCurrency,  // ISO 4217
};

struct Reserved {
  absl::string_view name;
  Kind kind;
};

constexpr Reserved kProperties[] = {
    {"revenue", Kind::kNumber},
    {"currency", Kind::kCurrency},
    {"value", Kind::kNumber},
};

constexpr Reserved kTraits[] = {
    {"address", Kind::kObject},   {"age", Kind::kNumber},     {"avatar", Kind::kText},
    {"birthday", Kind::kDate},    {"company", Kind::kObject}, {"createdAt", Kind::kDate},
    {"description", Kind::kText}, {"email", Kind::kText},     {"firstName", Kind::kText},
    {"gender", Kind::kText},      {"id", Kind::kText},        {"lastName", Kind::kText},
    {"name", Kind::kText},        {"phone", Kind::kText},     {"title", Kind::kText},
    {"username", Kind::kText},    {"website", Kind::kText},
};

constexpr Reserved kContext[] = {
    {"active", Kind::kTruth},
    {"app", Kind::kObject},
    {"campaign", Kind::kObject},
    {"channel", Kind::kText},
    {"device", Kind::kObject},
    {"groupId", Kind::kText},
    {"ip", Kind::kText},
    {"library", Kind::kObject},
    {"locale", Kind::kText},
    {"location", Kind::kObject},
    {"network", Kind::kObject},
    {"os", Kind::kObject},
    {"page", Kind::kObject},
    {"referrer", Kind::kObject},
    {"screen", Kind::kObject},
    {"timezone", Kind::kText},
    {"traits", Kind::kObject},
    {"userAgent", Kind::kText},
    {"userAgentData", Kind::kObject},
};

absl::Span<const Reserved> ListOf(ReservedNames names) {
  switch (names) {
    case ReservedNames::kProperties:
      return kProperties;
    case ReservedNames::kTraits:
      return kTraits;
    case ReservedNames::kContext:
      return kContext;
  }
  return {};
}

bool IsDate(absl::string_view text) {
  if (ParseTimestamp(text).has_value()) return true;
  // ParseCivilTime takes years of any length and months of one digit.
  constexpr absl::string_view kForm = "YYYY-MM-DD";
  absl::CivilDay day;
  return text.size() == kForm.size() && text[4] == '-' && text[7] == '-' &&
         absl::ParseCivilTime(text, &day);
}

bool IsCurrency(absl::string_view text) {
  return text.size() == 3 && std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_isupper(static_cast<unsigned char>(c));
         });
}

bool Is(Kind kind, JsonType type, absl::string_view text) {
  switch (kind) {
    case Kind::kText:
      return type == JsonType::string;
    case Kind::kNumber:
      return type == JsonType::number;
    case Kind::kTruth:
      return type == JsonType::boolean;
    case Kind::kObject:
      return type == JsonType::object;
    case Kind::kDate:
      return type == JsonType::string && IsDate(text);
    case Kind::kCurrency:
      return type == JsonType::string && IsCurrency(text);
  }
  return false;
}

}  // namespace

bool KeepsReservedType(ReservedNames names, absl::string_view name, JsonType type,
                       absl::string_view text) {
  if (type == JsonType::null) return true;
  for (const Reserved& reserved : ListOf(names)) {
    if (reserved.name == name) return Is(reserved.kind, type, text);
  }
  return true;
}

}  // namespace logexport::sandbox
