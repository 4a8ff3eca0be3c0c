#include "tests/sandbox/slack/slack_simulator.h"

#include <utility>

#include "absl/strings/string_view.h"
#include <simdjson.h>

namespace logexport::sandbox {
namespace {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

constexpr std::size_t kMaxText = 40'000;
constexpr std::size_t kMaxBlocks = 50;
constexpr std::size_t kMaxSectionText = 3'000;
constexpr std::size_t kMaxSectionFields = 10;
constexpr std::size_t kMaxFieldText = 2'000;
constexpr std::size_t kMaxHeader = 150;
constexpr std::size_t kMaxAttachments = 100;

// The length of a text object's text in characters; -1 if `holder` is none.
std::int64_t TextLength(simdjson::simdjson_result<element> holder) {
  std::string_view text;
  if (holder["text"].get(text) != simdjson::SUCCESS) {
    return -1;
  }
  std::int64_t characters = 0;
  for (const char c : text) {
    characters += (static_cast<unsigned char>(c) & 0xC0) != 0x80 ? 1 : 0;
  }
  return characters;
}

bool ValidBlock(element block) {
  std::string_view type;
  if (block["type"].get(type) != simdjson::SUCCESS) {
    return false;
  }
  const std::int64_t text = TextLength(block["text"]);
  array fields;
  const bool has_fields = block["fields"].get(fields) == simdjson::SUCCESS;
  if (type == "header") {
    return text > 0 && text <= static_cast<std::int64_t>(kMaxHeader);
  }
  if (type != "section") {
    return true;
  }
  if ((text <= 0 && !has_fields) || text > static_cast<std::int64_t>(kMaxSectionText)) {
    return false;
  }
  if (!has_fields) {
    return true;
  }
  for (element field : fields) {
    const std::int64_t length = TextLength(std::move(field));
    if (length <= 0 || length > static_cast<std::int64_t>(kMaxFieldText)) {
      return false;
    }
  }
  return fields.size() > 0 && fields.size() <= kMaxSectionFields;
}

// What Slack would refuse the payload with; empty if it takes it.
absl::string_view Refusal(object payload) {
  std::string_view text;
  const bool has_text = payload["text"].get(text) == simdjson::SUCCESS && !text.empty();
  array blocks;
  const bool has_blocks = payload["blocks"].get(blocks) == simdjson::SUCCESS && blocks.size() > 0;
  array attachments;
  const bool has_attachments =
      payload["attachments"].get(attachments) == simdjson::SUCCESS && attachments.size() > 0;
  if (!has_text && !has_blocks && !has_attachments) {
    return "no_text";
  }
  if (text.size() > kMaxText) {
    return "invalid_payload";
  }
  if (has_attachments && attachments.size() > kMaxAttachments) {
    return "too_many_attachments";
  }
  if (has_blocks) {
    if (blocks.size() > kMaxBlocks) {
      return "invalid_blocks";
    }
    for (const element block : blocks) {
      if (!ValidBlock(block)) {
        return "invalid_blocks";
      }
    }
  }
  if (has_attachments) {
    for (const element attachment : attachments) {
      object fields;
      if (attachment.get(fields) != simdjson::SUCCESS) {
        return "invalid_attachments";
      }
    }
  }
  return {};
}

}  // namespace

HttpResponse SlackSimulator::Post(const HttpRequest& request) {
  simdjson::dom::parser parser;
  object payload;
  if (parser.parse(request.body.data(), request.body.size()).get(payload) != simdjson::SUCCESS) {
    ++refused_;
    return TextResponse(400, "invalid_payload");
  }
  if (const absl::string_view refusal = Refusal(payload); !refusal.empty()) {
    ++refused_;
    return TextResponse(400, refusal);
  }
  std::string_view text;
  if (payload["text"].get(text) != simdjson::SUCCESS) {
    text = {};
  }
  messages_.push_back({std::string(request.path), std::string(text), std::string(request.body)});
  return TextResponse(200, "ok");
}

void SlackSimulator::Reset() {
  messages_.clear();
  refused_ = 0;
}

}  // namespace logexport::sandbox
