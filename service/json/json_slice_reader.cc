#include "service/json/json_slice_reader.h"

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"

#include "service/base/ascii_space.h"
#include "service/base/utf8.h"
#include "service/json/ondemand.h"
#include "service/json/plain_json.h"

namespace logexport {
namespace {

// simdjson keeps four bytes and more per byte of the largest document it has seen. Documents over
// this size are rare enough to have a parser of their own for as long as they last.
constexpr std::size_t kKeptParserBytes = 256 * 1024;

// What a value turned out to hold.
struct Findings {
  bool lone_surrogates = false;
  bool deep = false;

  // False if broken.
  bool Note(JsonSoundness soundness) {
    if (soundness == JsonSoundness::kLoneSurrogate) lone_surrogates = true;
    return soundness != JsonSoundness::kBroken;
  }
};

// Checks everything inside `value`, down to kMaxJsonDepth. False if it is no sound JSON.
bool Check(ondemand::value& value, int depth, Findings* findings) {
  ondemand::json_type type;
  if (value.type().get(type) != simdjson::SUCCESS) return false;
  if (type != ondemand::json_type::object && type != ondemand::json_type::array) {
    return findings->Note(CheckScalar(TokenOf(value)));
  }
  if (depth > kMaxJsonDepth) {
    findings->deep = true;
    return true;
  }
  if (type == ondemand::json_type::object) {
    ondemand::object object;
    if (value.get_object().get(object) != simdjson::SUCCESS) return false;
    for (auto member : object) {
      if (member.error() != simdjson::SUCCESS) return false;
      ondemand::field&& field = std::move(member).value_unsafe();
      if (!findings->Note(CheckStringContent(KeyContent(field)))) return false;
      if (!Check(field.value(), depth + 1, findings)) return false;
    }
    return true;
  }
  ondemand::array array;
  if (value.get_array().get(array) != simdjson::SUCCESS) return false;
  for (auto item : array) {
    if (item.error() != simdjson::SUCCESS) return false;
    ondemand::value&& element = std::move(item).value_unsafe();
    if (!Check(element, depth + 1, findings)) return false;
  }
  return true;
}

// Finds repeated keys among a few dozen without allocating: an open hash table of indexes.
class SmallKeyTable {
 public:
  static constexpr std::size_t kCapacity = 64;

  explicit SmallKeyTable(const std::vector<JsonField>& fields) : fields_(fields) {}

  // The place in the fields where `key` was seen first; `place` if that is now.
  std::size_t PlaceOf(absl::string_view key, std::size_t place) {
    for (std::size_t slot = Hash(key);; ++slot) {
      std::uint8_t& entry = slots_[slot % slots_.size()];
      if (entry == 0) {
        entry = static_cast<std::uint8_t>(place + 1);
        return place;
      }
      if (fields_[entry - 1u].key == key) return entry - 1u;
    }
  }

 private:
  static std::size_t Hash(absl::string_view key) {
    if (key.empty()) return 0;
    const auto byte = [key](std::size_t i) {
      return static_cast<std::size_t>(static_cast<unsigned char>(key[i]));
    };
    return key.size() * 11 + byte(0) * 31 + byte(key.size() / 2) * 17 + byte(key.size() - 1) * 5;
  }

  const std::vector<JsonField>& fields_;
  std::array<std::uint8_t, 4 * kCapacity> slots_{};
};

// `place_of(key, place)` answers where a key was seen first, or `place` if it is new.
template <typename PlaceOf>
void KeepLast(PlaceOf place_of, std::vector<JsonField>* fields) {
  std::size_t size = 0;
  for (std::size_t i = 0; i < fields->size(); ++i) {
    const std::size_t place = place_of((*fields)[i].key, size);
    if (place == size) ++size;
    if (place != i) (*fields)[place] = (*fields)[i];
  }
  fields->resize(size);
}

}  // namespace

class JsonReader::Impl {
 public:
  Outcome ReadObject(absl::string_view json, absl::string_view unchecked_key,
                     std::vector<JsonField>* fields) {
    fields->clear();
    if (ReadPlainObject(json, fields)) return Outcome::kRead;
    fields->clear();
    ondemand::document document;
    if (!Open(json, &document)) return Outcome::kBroken;
    ondemand::object object;
    if (const auto error = document.get_object().get(object); error != simdjson::SUCCESS) {
      return error == simdjson::INCORRECT_TYPE ? Outcome::kOtherKind : Outcome::kBroken;
    }
    for (auto member : object) {
      if (member.error() != simdjson::SUCCESS) return Outcome::kBroken;
      // By reference: copying it right after it was written stalls for longer than reading it
      // takes.
      ondemand::field&& found = std::move(member).value_unsafe();
      JsonField& field = fields->emplace_back();
      if (!ReadKey(KeyContent(found), &field.key)) return Outcome::kBroken;
      const bool check = unchecked_key.empty() || field.key != unchecked_key;
      if (!ReadValue(found.value(), check, document, &field)) return Outcome::kBroken;
    }
    return Outcome::kRead;
  }

  bool mended() const { return mended_any_; }

  Outcome ReadArray(absl::string_view json, std::vector<JsonField>* elements) {
    elements->clear();
    if (ReadPlainArray(json, elements)) return Outcome::kRead;
    elements->clear();
    ondemand::document document;
    if (!Open(json, &document)) return Outcome::kBroken;
    ondemand::array array;
    if (const auto error = document.get_array().get(array); error != simdjson::SUCCESS) {
      return error == simdjson::INCORRECT_TYPE ? Outcome::kOtherKind : Outcome::kBroken;
    }
    for (auto item : array) {
      if (item.error() != simdjson::SUCCESS) return Outcome::kBroken;
      ondemand::value&& element = std::move(item).value_unsafe();
      if (!ReadValue(element, true, document, &elements->emplace_back())) return Outcome::kBroken;
    }
    return Outcome::kRead;
  }

 private:
  bool ReadPlainObject(absl::string_view json, std::vector<JsonField>* fields) {
    mended_any_ = false;
    PlainJson plain(json);
    return plain.TakeObject([fields](absl::string_view key, const JsonSlice& value) {
      fields->push_back({.key = key, .value = value});
      return true;
    }) && plain.AtEnd() &&
           IsValidUtf8(json);
  }

  bool ReadPlainArray(absl::string_view json, std::vector<JsonField>* elements) {
    mended_any_ = false;
    PlainJson plain(json);
    return plain.TakeArray([elements](const JsonSlice& value) {
      elements->push_back({.key = {}, .value = value});
      return true;
    }) && plain.AtEnd() &&
           IsValidUtf8(json);
  }

  bool Open(absl::string_view json, ondemand::document* document) {
    mended_.clear();
    mended_any_ = false;
    large_.reset();
    // Most logs hold no escapes at all. Then no string needs a look of its own.
    has_escapes_ = HasEscape(json);
    ondemand::parser& parser = json.size() > kKeptParserBytes ? large_.emplace() : kept_;
    return parser.iterate(json.data(), json.size(), json.size() + simdjson::SIMDJSON_PADDING)
               .get(*document) == simdjson::SUCCESS;
  }

  bool ReadKey(absl::string_view content, absl::string_view* key) {
    *key = content;
    if (!has_escapes_ || !HasEscape(content)) return true;
    const JsonSoundness soundness = CheckStringContent(content);
    if (soundness == JsonSoundness::kBroken) return false;
    if (soundness == JsonSoundness::kLoneSurrogate) mended_any_ = true;
    *key = mended_.emplace_back(Unescape(content));
    return true;
  }

  bool ReadValue(ondemand::value& value, bool check, ondemand::document& document,
                 JsonField* field) {
    const absl::string_view token = TokenOf(value);
    // What stands in a value's place may also be white space that JSON does not know.
    if (token.empty()) return false;
    field->value.text = token;
    if (!has_escapes_ && token[0] == '"') {
      field->value.kind = JsonKind::kString;
      return true;
    }
    ondemand::json_type type;
    if (value.type().get(type) != simdjson::SUCCESS) return false;
    field->value.kind = KindOf(type);
    Findings findings;
    if (field->value.kind != JsonKind::kObject && field->value.kind != JsonKind::kArray) {
      if (!findings.Note(CheckScalar(token))) return false;
    } else if (check) {
      if (!Check(value, 1, &findings)) return false;
      const char* end = nullptr;
      if (document.current_location().get(end) != simdjson::SUCCESS) return false;
      field->value.text = StripTrailingSpace(
          absl::string_view(token.data(), static_cast<std::size_t>(end - token.data())));
    } else {
      if (!PassOver(value, &field->value.text)) return false;
      findings.lone_surrogates =
          has_escapes_ && CheckStringContent(field->value.text) == JsonSoundness::kLoneSurrogate;
    }
    field->value.deep = findings.deep;
    if (findings.lone_surrogates) Mend(&field->value.text);
    return true;
  }

  void Mend(absl::string_view* text) {
    std::string mended;
    mended.reserve(text->size() + simdjson::SIMDJSON_PADDING);
    AppendMended(*text, &mended);
    *text = mended_.emplace_back(std::move(mended));
    mended_any_ = true;
  }

  ondemand::parser kept_;
  std::optional<ondemand::parser> large_;
  std::deque<std::string> mended_;
  bool has_escapes_ = false;
  bool mended_any_ = false;
};

JsonReader::JsonReader() : impl_(std::make_unique<Impl>()) {}
JsonReader::~JsonReader() = default;

JsonReader::Outcome JsonReader::ReadObject(absl::string_view json, std::vector<JsonField>* fields,
                                           absl::string_view unchecked_key) {
  return impl_->ReadObject(json, unchecked_key, fields);
}

JsonReader::Outcome JsonReader::ReadArray(absl::string_view json,
                                          std::vector<JsonField>* elements) {
  return impl_->ReadArray(json, elements);
}

bool JsonReader::mended() const { return impl_->mended(); }

void KeepLastOfEachKey(std::vector<JsonField>* fields) {
  if (fields->size() > SmallKeyTable::kCapacity) {
    absl::flat_hash_map<absl::string_view, std::size_t> places;
    KeepLast([&places](absl::string_view key,
                       std::size_t place) { return places.try_emplace(key, place).first->second; },
             fields);
    return;
  }
  SmallKeyTable places(*fields);
  KeepLast(
      [&places](absl::string_view key, std::size_t place) { return places.PlaceOf(key, place); },
      fields);
}

}  // namespace logexport
