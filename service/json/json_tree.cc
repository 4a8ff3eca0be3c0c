#include "service/json/json_tree.h"

#include <cstring>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"

#include "service/base/quoted_text.h"
#include "service/json/json_value.h"
#include "service/json/ondemand.h"

namespace logexport {
namespace {

// As JsonReader does.
constexpr std::size_t kKeptBytes = 256 * 1024;
constexpr std::size_t kNodesInChunk = 256;
constexpr std::size_t kKeptChunks = 4;
constexpr std::size_t kFewMembers = 32;

// The members of an object that is being read.
class Members {
 public:
  explicit Members(JsonNode* object) : link_(&object->first) {}

  // The member that this key had before, or null.
  JsonNode* Find(absl::string_view key, const JsonNode& object) {
    if (count_ < kFewMembers) {
      for (JsonNode* member = object.first; member != nullptr; member = member->next) {
        if (member->key == key) return member;
      }
      return nullptr;
    }
    if (indexed_ == nullptr) {
      for (JsonNode* member = object.first; member != nullptr; member = member->next) {
        places_.emplace(member->key, member);
      }
      indexed_ = &object;
    }
    const auto found = places_.find(key);
    return found == places_.end() ? nullptr : found->second;
  }

  void Add(JsonNode* member) {
    *link_ = member;
    link_ = &member->next;
    ++count_;
    if (indexed_ != nullptr) places_.emplace(member->key, member);
  }

 private:
  JsonNode** link_;
  std::size_t count_ = 0;
  const JsonNode* indexed_ = nullptr;
  absl::flat_hash_map<absl::string_view, JsonNode*> places_;
};

}  // namespace

JsonNode* JsonNode::Find(absl::string_view name) {
  for (JsonNode* child = first; child != nullptr; child = child->next) {
    if (child->key == name) return child;
  }
  return nullptr;
}

class JsonTree::Impl {
 public:
  bool ParseFolded(absl::string_view json) {
    Clear();
    buffer_.reserve(json.size() + simdjson::SIMDJSON_PADDING);
    buffer_.assign(json.data(), json.size());
    has_escapes_ = HasEscape(buffer_);
    if (json.size() > kKeptBytes) large_.emplace();
    ondemand::parser& parser = large_.has_value() ? *large_ : kept_;
    ondemand::document document;
    ondemand::value value;
    root_ = JsonNode();
    return parser.iterate(buffer_.data(), buffer_.size(), buffer_.capacity()).get(document) ==
               simdjson::SUCCESS &&
           document.get_value().get(value) == simdjson::SUCCESS && Build(value, 1, &root_) &&
           document.current_location().error() == simdjson::OUT_OF_BOUNDS;
  }

  JsonNode& root() { return root_; }
  bool mended() const { return mended_; }

  absl::string_view Keep(std::string text) { return strings_.emplace_back(std::move(text)); }

 private:
  static std::vector<std::unique_ptr<JsonNode[]>> FirstChunk() {
    std::vector<std::unique_ptr<JsonNode[]>> chunks;
    chunks.push_back(std::make_unique<JsonNode[]>(kNodesInChunk));
    return chunks;
  }

  void Clear() {
    strings_.clear();
    large_.reset();
    if (chunks_.size() > kKeptChunks) chunks_.resize(kKeptChunks);
    chunk_ = 0;
    used_ = 0;
    count_ = 0;
    mended_ = false;
    if (buffer_.capacity() > kKeptBytes + simdjson::SIMDJSON_PADDING) buffer_ = std::string();
  }

  JsonNode* NewNode() {
    if (used_ == kNodesInChunk) {
      if (++chunk_ == chunks_.size())
        chunks_.push_back(std::make_unique<JsonNode[]>(kNodesInChunk));
      used_ = 0;
    }
    JsonNode* const node = &chunks_[chunk_][used_++];
    *node = JsonNode();
    return node;
  }

  bool Build(ondemand::value& value, int depth, JsonNode* node) {
    if (++count_ > kMaxJsonNodes) return false;
    const absl::string_view token = TokenOf(value);
    if (!token.empty() && token[0] == '"') {
      node->kind = JsonKind::kString;
      return BuildScalar(token, node);
    }
    ondemand::json_type type;
    if (value.type().get(type) != simdjson::SUCCESS) return false;
    node->kind = KindOf(type);
    if (!node->is_container()) return BuildScalar(token, node);
    if (depth > kMaxJsonDepth) return BuildDeep(value, node);
    return node->is_object() ? BuildObject(value, depth, node) : BuildArray(value, depth, node);
  }

  bool BuildObject(ondemand::value& value, int depth, JsonNode* node) {
    ondemand::object object;
    if (value.get_object().get(object) != simdjson::SUCCESS) return false;
    Members members(node);
    for (auto member : object) {
      if (member.error() != simdjson::SUCCESS) return false;
      // By reference: copying it right after it was written stalls for longer than reading it
      // takes.
      ondemand::field&& field = std::move(member).value_unsafe();
      absl::string_view key = KeyContent(field);
      const bool escaped = has_escapes_ && HasEscape(key);
      if (escaped) {
        const JsonSoundness soundness = CheckStringContent(key);
        if (soundness == JsonSoundness::kBroken) return false;
        if (soundness == JsonSoundness::kLoneSurrogate) mended_ = true;
        key = Keep(Unescape(key));
      }
      // Of members of the same name the last one counts, in the place of the first.
      JsonNode* child = members.Find(key, *node);
      if (child != nullptr) {
        JsonNode* const next = child->next;
        *child = JsonNode();
        child->next = next;
        child->key = key;
      } else {
        child = NewNode();
        child->key = key;
        members.Add(child);
      }
      child->plain_key = !escaped;
      if (!Build(field.value(), depth + 1, child)) return false;
    }
    return true;
  }

  bool BuildArray(ondemand::value& value, int depth, JsonNode* node) {
    ondemand::array array;
    if (value.get_array().get(array) != simdjson::SUCCESS) return false;
    JsonNode** link = &node->first;
    for (auto item : array) {
      if (item.error() != simdjson::SUCCESS) return false;
      ondemand::value&& element = std::move(item).value_unsafe();
      JsonNode* const child = NewNode();
      *link = child;
      link = &child->next;
      if (!Build(element, depth + 1, child)) return false;
    }
    return true;
  }

  bool BuildDeep(ondemand::value& value, JsonNode* node) {
    JsonSlice slice{.text = {}, .kind = node->kind};
    if (!PassOver(value, &slice.text)) return false;
    std::string sound;
    if (CheckStringContent(slice.text) == JsonSoundness::kLoneSurrogate) {
      AppendMended(slice.text, &sound);
      slice.text = sound;
      mended_ = true;
    }
    std::string text;
    AppendAsString(slice, &text);
    node->text = Keep(std::move(text));
    node->kind = JsonKind::kString;
    node->deep = true;
    return true;
  }

  bool BuildScalar(absl::string_view token, JsonNode* node) {
    node->text = token;
    if (node->is_string() && !has_escapes_) {
      node->plain_text = true;
      return token.size() >= 2 && token.back() == '"';
    }
    switch (CheckScalar(token)) {
      case JsonSoundness::kSound:
        node->plain_text = node->is_string() && !HasEscape(token);
        return true;
      case JsonSoundness::kLoneSurrogate: {
        std::string mended;
        AppendMended(token, &mended);
        node->text = Keep(std::move(mended));
        mended_ = true;
        return true;
      }
      case JsonSoundness::kBroken:
        return false;
    }
    return false;
  }

  ondemand::parser kept_;
  std::optional<ondemand::parser> large_;
  std::string buffer_;
  std::deque<std::string> strings_;
  // Nodes are taken from one chunk after the other.
  std::vector<std::unique_ptr<JsonNode[]>> chunks_ = FirstChunk();
  std::size_t chunk_ = 0;
  std::size_t used_ = 0;   // of that chunk
  std::size_t count_ = 0;  // of values read, those that were read over included
  JsonNode root_;
  bool has_escapes_ = false;
  bool mended_ = false;
};

namespace {

constexpr std::size_t kLongestEscape = 6;

// At least as much as WriteNode writes.
std::size_t MostBytesOf(const JsonNode& node) {
  std::size_t bytes = node.text.size() + 2;
  for (const JsonNode* child = node.first; child != nullptr; child = child->next) {
    const std::size_t longest = child->plain_key ? 1 : kLongestEscape;
    bytes += MostBytesOf(*child) + child->key.size() * longest + 4;
  }
  return bytes;
}

char* Write(absl::string_view text, char* out) {
  std::memcpy(out, text.data(), text.size());
  return out + text.size();
}

char* WriteNode(const JsonNode& node, char* out) {
  if (!node.is_container()) return Write(node.text, out);
  const bool object = node.is_object();
  *out++ = object ? '{' : '[';
  for (const JsonNode* child = node.first; child != nullptr; child = child->next) {
    if (child != node.first) *out++ = ',';
    if (object) {
      *out++ = '"';
      if (child->plain_key) {
        out = Write(child->key, out);
      } else {
        std::string escaped;
        AppendJsonEscaped(child->key, &escaped);
        out = Write(escaped, out);
      }
      *out++ = '"';
      *out++ = ':';
    }
    out = WriteNode(*child, out);
  }
  *out++ = object ? '}' : ']';
  return out;
}

}  // namespace

void AppendNode(const JsonNode& node, std::string* out) {
  const std::size_t size_before = out->size();
  out->resize(size_before + MostBytesOf(node));
  const char* const end = WriteNode(node, out->data() + size_before);
  out->resize(static_cast<std::size_t>(end - out->data()));
}

JsonTree::JsonTree() : impl_(std::make_unique<Impl>()) {}
JsonTree::~JsonTree() = default;

bool JsonTree::ParseFolded(absl::string_view json) { return impl_->ParseFolded(json); }
JsonNode& JsonTree::root() { return impl_->root(); }
bool JsonTree::mended() const { return impl_->mended(); }

absl::string_view JsonTree::ScalarText(const JsonNode& node) {
  if (!node.is_string()) return node.kind == JsonKind::kNull ? absl::string_view() : node.text;
  if (node.plain_text || !HasEscape(node.content())) return node.content();
  return impl_->Keep(Unescape(node.content()));
}

void JsonTree::SetString(absl::string_view value, JsonNode* node) {
  std::string text;
  text.reserve(value.size() + 2);
  AppendJsonString(value, &text);
  node->kind = JsonKind::kString;
  node->first = nullptr;
  node->plain_text = false;
  node->text = impl_->Keep(std::move(text));
}

void JsonTree::SetKey(std::string key, JsonNode* node) {
  node->key = impl_->Keep(std::move(key));
  node->plain_key = false;
}

}  // namespace logexport
