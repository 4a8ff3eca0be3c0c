#include "service/auth0/field_places.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <utility>

#include "service/json/json_text.h"

namespace logexport {
namespace {

constexpr std::size_t kUsualFields = 2500;  // of a page of a hundred logs

bool IsSpace(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

bool HoldsEscape(absl::string_view text) {
  return std::memchr(text.data(), '\\', text.size()) != nullptr;
}

// Whether the mapper may use the field as it stands. `escapes`: whether the log holds any.
bool IsPlain(absl::string_view raw, const FieldPlace& field, bool escapes) {
  const absl::string_view key(raw.data() + field.key, field.key_size);
  const absl::string_view value(raw.data() + field.value, field.value_size);
  if (value.empty() || (escapes && HoldsEscape(key))) return false;
  const char first = value.front();
  if (first == '"') {
    if (value.size() < 2 || value.back() != '"') return false;
    return !escapes || CheckScalar(value) == JsonSoundness::kSound;
  }
  if (first != '{' && first != '[') return CheckScalar(value) == JsonSoundness::kSound;
  // It is passed on as text, whatever is in it.
  if (key == "details") {
    return !escapes || CheckStringContent(value) != JsonSoundness::kLoneSurrogate;
  }
  return IsPlainlySound(value);
}

}  // namespace

void FieldPlaces::Begin(const char* log) {
  if (fields_.empty()) fields_.reserve(kUsualFields);
  log_ = log;
  fields_.resize(first_);
}

void FieldPlaces::Add(const char* key, const char* value) {
  if (fields_.size() > first_) EndValue(key - 1);
  const char* end = value - 2;
  while (*end != '"') --end;
  fields_.push_back({.key = static_cast<std::uint32_t>(key - log_),
                     .key_size = static_cast<std::uint32_t>(end - key),
                     .value = static_cast<std::uint32_t>(value - log_),
                     .value_size = 0});
}

void FieldPlaces::EndValue(const char* end) {
  FieldPlace& field = fields_.back();
  const char* const begin = log_ + field.value;
  while (end > begin && IsSpace(end[-1])) --end;
  if (end > begin && end[-1] == ',') --end;
  while (end > begin && IsSpace(end[-1])) --end;
  field.value_size = static_cast<std::uint32_t>(end - begin);
}

void FieldPlaces::Close(absl::string_view raw, std::size_t index) {
  bool plain = !raw.empty() && raw.back() == '}' && fields_.size() > first_;
  if (plain) {
    const char* const end = raw.data() + raw.size() - 1;
    EndValue(end);
    const bool escapes = HoldsEscape(raw);
    plain = std::all_of(fields_.begin() + static_cast<std::ptrdiff_t>(first_), fields_.end(),
                        [&](const FieldPlace& field) { return IsPlain(raw, field, escapes); });
  }
  if (!plain) {
    fields_.resize(first_);
    return;
  }
  noted_.push_back({.log = index, .first = first_, .count = fields_.size() - first_});
  first_ = fields_.size();
}

void FieldPlaces::GiveTo(Page* page) {
  page->fields = std::move(fields_);
  for (const Noted& noted : noted_) {
    page->logs[noted.log].fields = {page->fields.data() + noted.first, noted.count};
  }
}

}  // namespace logexport
