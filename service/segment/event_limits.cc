#include "service/segment/event_limits.h"

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "service/json/json_value.h"

namespace logexport {
namespace {

// Strings are not cut below this: what is left would say nothing, and an event that has so many of
// them is better looked at as a dead letter.
constexpr std::size_t kLeastStringBytes = 64;

std::size_t EncodedSize(const JsonValue& node) {
  std::string json;
  AppendJson(node, &json);
  return json.size();
}

void CutTo(std::size_t max_bytes, JsonValue* string) {
  std::string text = "\"";
  const absl::string_view kept = CutEscaped(string->content(), max_bytes);
  text.append(kept.data(), kept.size());
  text.push_back('"');
  string->text = std::move(text);
}

void CollectStrings(JsonValue* node, std::vector<JsonValue*>* strings) {
  if (node->is_string()) {
    strings->push_back(node);
    return;
  }
  for (JsonValue& child : node->children) CollectStrings(&child, strings);
}

// Cuts the longest of `strings` so that together they lose at least `excess` bytes, or as much as
// they can.
void CutLongest(std::vector<JsonValue*> strings, std::size_t excess) {
  std::sort(strings.begin(), strings.end(),
            [](const JsonValue* a, const JsonValue* b) { return a->text.size() > b->text.size(); });
  // The first `count` strings cut to the length `level` lose enough.
  std::size_t level = kLeastStringBytes;
  std::size_t sum = 0;
  for (std::size_t count = 1; count <= strings.size(); ++count) {
    const std::size_t length = strings[count - 1]->content().size();
    if (length <= kLeastStringBytes) break;
    sum += length;
    const std::size_t next = count < strings.size() ? strings[count]->content().size() : 0;
    const std::size_t lowest = std::max(next, kLeastStringBytes);
    if (sum - count * lowest >= excess) {
      level = (sum - excess) / count;
      break;
    }
  }
  for (JsonValue* string : strings) {
    if (string->content().size() > level) CutTo(level, string);
  }
}

JsonValue* Member(absl::string_view name, JsonValue* object) {
  JsonValue* member = object->Find(name);
  if (member != nullptr) return member;
  object->children.emplace_back().key = std::string(name);
  return &object->children.back();
}

class Shortener {
 public:
  Shortener(JsonValue event, std::size_t max_bytes)
      : event_(std::move(event)), max_bytes_(max_bytes) {}

  std::optional<std::string> Shorten() {
    JsonValue* const properties = event_.Find("properties");
    Mark(properties != nullptr ? properties : Member("context", &event_));
    if (properties != nullptr && Excess() > 0) ShortenDetails(properties);
    if (const std::size_t excess = Excess(); excess > 0) CutLongest(OtherStrings(), excess);
    std::string json;
    AppendJson(event_, &json);
    if (json.size() > max_bytes_) return std::nullopt;
    return json;
  }

 private:
  std::size_t Excess() const {
    const std::size_t size = EncodedSize(event_);
    return size > max_bytes_ ? size - max_bytes_ : 0;
  }

  static void Mark(JsonValue* object) {
    JsonValue* const mark = Member("truncated", object);
    mark->kind = JsonKind::kBool;
    mark->text = "true";
    mark->children.clear();
  }

  void ShortenDetails(JsonValue* properties) {
    JsonValue* const details = properties->Find("details");
    if (details == nullptr) return;
    if (details->is_string()) {
      const std::size_t size = details->content().size();
      CutTo(size - std::min(size, Excess()), details);
      return;
    }
    std::vector<JsonValue*> strings;
    CollectStrings(details, &strings);
    CutLongest(std::move(strings), Excess());
    if (Excess() == 0) return;
    properties->children.erase(properties->children.begin() +
                               (details - properties->children.data()));
  }

  std::vector<JsonValue*> OtherStrings() {
    std::vector<JsonValue*> strings;
    for (JsonValue& part : event_.children) {
      if (!part.is_container()) continue;
      for (JsonValue& member : part.children) {
        const bool identifies =
            member.key == "type" || member.key == "log_id" || member.key == "category";
        if (part.key != "properties" || !identifies) CollectStrings(&member, &strings);
      }
    }
    return strings;
  }

  JsonValue event_;
  const std::size_t max_bytes_;
};

}  // namespace

std::optional<std::string> ShortenEvent(absl::string_view event, std::size_t max_bytes) {
  // An event wraps what it took from a log in two more levels.
  absl::StatusOr<JsonValue> tree = JsonValue::ParseFolded(event, kMaxJsonDepth + 4);
  if (!tree.ok()) return std::nullopt;
  return Shortener(*std::move(tree), max_bytes).Shorten();
}

std::optional<std::string> ShortenEvents(absl::string_view events, std::size_t max_bytes) {
  absl::StatusOr<JsonValue> list =
      JsonValue::ParseFolded(absl::StrCat("[", events, "]"), kMaxJsonDepth + 5);
  if (!list.ok() || list->children.empty()) return std::nullopt;
  const std::size_t commas = list->children.size() - 1;
  if (max_bytes < commas) return std::nullopt;
  std::vector<std::string> texts;
  for (const JsonValue& event : list->children) AppendJson(event, &texts.emplace_back());
  std::vector<std::size_t> by_size(texts.size());
  std::iota(by_size.begin(), by_size.end(), 0);
  std::sort(by_size.begin(), by_size.end(),
            [&](std::size_t a, std::size_t b) { return texts[a].size() < texts[b].size(); });
  // What small events leave of their share goes to the larger ones.
  std::size_t left = max_bytes - commas;
  std::size_t count = texts.size();
  for (const std::size_t i : by_size) {
    const std::size_t share = left / count--;
    if (texts[i].size() > share) {
      std::optional<std::string> shortened =
          Shortener(std::move(list->children[i]), share).Shorten();
      if (!shortened.has_value()) return std::nullopt;
      texts[i] = *std::move(shortened);
    }
    left -= texts[i].size();
  }
  return absl::StrJoin(texts, ",");
}

}  // namespace logexport
