#include "service/segment/traits.h"

#include <array>
#include <deque>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

#include "service/base/quoted_text.h"
#include "service/base/time_text.h"
#include "service/segment/unique_names.h"

namespace logexport {
namespace {

struct Renaming {
  absl::string_view profile_key;
  absl::string_view trait;
};
constexpr std::array<Renaming, 5> kRenamings = {{
    {"created_at", "createdAt"},
    {"family_name", "lastName"},
    {"given_name", "firstName"},
    {"phone_number", "phone"},
    {"picture", "avatar"},
}};

enum class TraitType { kString, kNumber, kObject, kDate };
struct ReservedTrait {
  absl::string_view name;
  TraitType type;
};
constexpr std::array<ReservedTrait, 17> kReservedTraits = {{
    {"address", TraitType::kObject},
    {"age", TraitType::kNumber},
    {"avatar", TraitType::kString},
    {"birthday", TraitType::kDate},
    {"company", TraitType::kObject},
    {"createdAt", TraitType::kDate},
    {"description", TraitType::kString},
    {"email", TraitType::kString},
    {"firstName", TraitType::kString},
    {"gender", TraitType::kString},
    {"id", TraitType::kString},
    {"lastName", TraitType::kString},
    {"name", TraitType::kString},
    {"phone", TraitType::kString},
    {"title", TraitType::kString},
    {"username", TraitType::kString},
    {"website", TraitType::kString},
}};

// A timestamp, or a date alone: 1990-12-31.
bool IsDate(absl::string_view text) {
  if (ParseTimestamp(text).has_value()) return true;
  // Check the form first: ParseCivilTime takes years of any length and months of one digit.
  absl::CivilDay day;
  return text.size() == 10 && text[4] == '-' && text[7] == '-' && absl::ParseCivilTime(text, &day);
}

bool HasType(const JsonField& field, TraitType type) {
  switch (type) {
    case TraitType::kString:
      return field.value.is_string();
    case TraitType::kNumber:
      return field.value.kind == JsonKind::kNumber;
    case TraitType::kObject:
      return field.value.kind == JsonKind::kObject && !field.value.deep;
    case TraitType::kDate:
      return field.value.is_string() && IsDate(field.value.content());
  }
  return false;
}

absl::string_view TraitName(absl::string_view profile_key) {
  for (const Renaming& renaming : kRenamings) {
    if (profile_key == renaming.profile_key) return renaming.trait;
  }
  return profile_key;
}

const ReservedTrait* FindReserved(absl::string_view name) {
  for (const ReservedTrait& trait : kReservedTraits) {
    if (trait.name == name) return &trait;
  }
  return nullptr;
}

void AppendTrait(absl::string_view name, const JsonSlice& value, bool first, std::string* out) {
  if (!first) out->push_back(',');
  AppendJsonString(name, out);
  out->push_back(':');
  AppendValue(value, out);
}

}  // namespace

void AppendProfileTraits(absl::string_view profile, JsonReader& reader, std::string* out) {
  std::vector<JsonField> fields;
  if (reader.ReadObject(profile, &fields) != JsonReader::Outcome::kRead) return;
  KeepLastOfEachKey(&fields);
  std::vector<JsonField> traits;
  std::vector<std::size_t> made_names;
  std::deque<std::string> names;
  for (const JsonField& field : fields) {
    if (field.value.is_null() || field.key == "user_id") continue;
    absl::string_view name = TraitName(field.key);
    if (const ReservedTrait* const reserved = FindReserved(name); reserved != nullptr) {
      if (field.value.is_string() && field.value.content().empty()) continue;
      if (!HasType(field, reserved->type)) name = names.emplace_back(absl::StrCat("auth0_", name));
    }
    if (name != field.key) made_names.push_back(traits.size());
    traits.push_back({.key = name, .value = field.value});
  }
  MakeNamesUnique(made_names, &traits, &names);
  for (const JsonField& trait : traits) {
    AppendTrait(trait.key, trait.value, &trait == &traits.front(), out);
  }
}

void AppendLogTraits(const LogFields& fields, std::string* out) {
  const JsonSlice& name = fields.user_name;
  if (!name.is_string() || name.content().empty()) return;
  const bool is_email = name.content().find('@') != absl::string_view::npos;
  AppendTrait(is_email ? "email" : "username", name, true, out);
}

}  // namespace logexport
