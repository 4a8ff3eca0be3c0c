#include "service/segment/key_meanings.h"

#include <utility>

#include "absl/strings/str_cat.h"

#include "service/base/snake_case.h"

namespace logexport {
namespace {

// Auth0 documents some sixty fields of logs. Whoever sends more does not get to fill the memory.
constexpr std::size_t kMostKeys = 200;
constexpr std::size_t kLongestKey = 100;

FieldRole RoleOf(absl::string_view key) {
  switch (key.size()) {
    case 2:
      return key == "ip" ? FieldRole::kIp : key == "id" ? FieldRole::kIdCopy : FieldRole::kProperty;
    case 3:
      return key == "_id" ? FieldRole::kIdCopy : FieldRole::kProperty;
    case 4:
      return key == "date"   ? FieldRole::kDate
             : key == "type" ? FieldRole::kDropped
                             : FieldRole::kProperty;
    case 5:
      return key == "scope" ? FieldRole::kScope : FieldRole::kProperty;
    case 6:
      return key == "log_id" ? FieldRole::kDropped : FieldRole::kProperty;
    case 7:
      return key == "user_id"   ? FieldRole::kUserId
             : key == "details" ? FieldRole::kDetails
                                : FieldRole::kProperty;
    case 9:
      return key == "client_id"   ? FieldRole::kClientId
             : key == "user_name" ? FieldRole::kUserName
                                  : FieldRole::kProperty;
    case 10:
      return key == "user_agent" ? FieldRole::kUserAgent : FieldRole::kProperty;
    case 11:
      return key == "description" ? FieldRole::kDescription : FieldRole::kProperty;
    case 13:
      return key == "location_info" ? FieldRole::kLocationInfo : FieldRole::kProperty;
    default:
      return FieldRole::kProperty;
  }
}

// Names of properties that events have anyway, or that mean something else to Segment (HTTP API
// docs: revenue, currency, value). Those of the fields above are here for keys that become them
// ("userId").
bool IsTaken(absl::string_view name) {
  switch (name.size()) {
    case 2:
      return name == "id" || name == "ip";
    case 4:
      return name == "date" || name == "type";
    case 5:
      return name == "level" || name == "scope" || name == "value";
    case 6:
      return name == "log_id";
    case 7:
      return name == "details" || name == "revenue" || name == "user_id";
    case 8:
      return name == "category" || name == "currency";
    case 9:
      return name == "client_id" || name == "truncated" || name == "user_name";
    case 10:
      return name == "user_agent";
    case 11:
      return name == "description";
    case 12:
      return name == "invalid_utf8";
    case 13:
      return name == "location_info";
    case 16:
      return name == "timestamp_source";
    default:
      return false;
  }
}

KeyMeaning MeaningOf(absl::string_view key) {
  KeyMeaning meaning;
  meaning.role = RoleOf(key);
  if (meaning.role == FieldRole::kIdCopy) {
    meaning.name = "auth0_id";
  } else if (meaning.role == FieldRole::kProperty) {
    std::string name = IsSnakeCase(key) ? std::string(key) : SnakeCase(key);
    if (IsTaken(name)) name = absl::StrCat("auth0_", name);
    if (name != key) meaning.name = std::move(name);
  }
  return meaning;
}

std::size_t HashOf(absl::string_view key) {
  if (key.empty()) return 0;
  const auto byte = [key](std::size_t i) {
    return static_cast<std::size_t>(static_cast<unsigned char>(key[i]));
  };
  return key.size() * 11 + byte(0) * 31 + byte(key.size() / 2) * 17 + byte(key.size() - 1) * 5;
}

}  // namespace

void KeyMeanings::BeginLog() {
  ++log_;
  may_repeat_ = false;
  not_kept_.clear();
  if (entries_.size() < kMostKeys) return;
  entries_.clear();
  slots_ = {};
}

const KeyMeaning& KeyMeanings::Of(absl::string_view key) {
  for (std::size_t slot = HashOf(key) % kSlots;; slot = (slot + 1) % kSlots) {
    Entry* const entry = slots_[slot];
    if (entry == nullptr) return Add(key, slot);
    if (entry->key != key) continue;
    if (entry->last_log == log_) may_repeat_ = true;
    entry->last_log = log_;
    return entry->meaning;
  }
}

const KeyMeaning& KeyMeanings::Add(absl::string_view key, std::size_t slot) {
  if (entries_.size() >= kMostKeys || key.size() > kLongestKey) {
    may_repeat_ = true;
    return not_kept_.emplace_back(MeaningOf(key));
  }
  slots_[slot] = &entries_.emplace_back(
      Entry{.key = std::string(key), .meaning = MeaningOf(key), .last_log = log_});
  return slots_[slot]->meaning;
}

}  // namespace logexport
