#include "service/slack/message.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

#include "service/base/shown_text.h"
#include "service/base/utf8.h"
#include "service/json/json_writer.h"

namespace logexport {
namespace {

constexpr std::size_t kHeadlineBytes = 150;
constexpr std::size_t kFactsPerSection = 5;  // two fields each, of at most ten
constexpr std::size_t kMaxParts = 40;        // of at most 50 blocks
// Slack takes 40,000 but advises 4,000.
constexpr std::size_t kPlainTextBytes = 4000;
// Slack takes 3,000 in a section and 2,000 in a field. A message is too long to be read long before
// that, and layouts of more than about 13,000 characters in total are refused.
constexpr std::size_t kParagraphBytes = 1500;
constexpr std::size_t kFactBytes = 300;

constexpr absl::string_view kEllipsis = "…";
constexpr absl::string_view kTextMember = R"({"text":)";

absl::string_view Mark(MessageBuilder::Tone tone) {
  switch (tone) {
    case MessageBuilder::Tone::kGood:
      return "🟢";
    case MessageBuilder::Tone::kNeutral:
      return "🔵";
    case MessageBuilder::Tone::kWarning:
      return "🟡";
    case MessageBuilder::Tone::kBad:
      return "🔴";
  }
  return "";
}

void AppendPlainText(absl::string_view text, std::size_t max_bytes, JsonWriter* json) {
  json->BeginObject().Key("type").String("plain_text");
  // Slack refuses empty texts.
  json->Key("text").String(SlackText(text.empty() ? "–" : text, max_bytes));
  json->Key("emoji").Bool(false).EndObject();
}

std::size_t LengthOfJsonString(absl::string_view json) {
  for (std::size_t i = 1; i < json.size(); ++i) {
    if (json[i] == '\\') {
      ++i;
    } else if (json[i] == '"') {
      return i + 1;
    }
  }
  return 0;
}

}  // namespace

std::string SlackText(absl::string_view text, std::size_t max_bytes) {
  const std::string valid = ReplaceInvalidUtf8(text);
  std::string escaped;
  std::size_t fits_with_mark = 0;  // how much of `escaped` may stay if it has to be cut
  for (std::size_t i = 0; i < valid.size();) {
    if (escaped.size() + kEllipsis.size() <= max_bytes) fits_with_mark = escaped.size();
    if (escaped.size() > max_bytes) break;
    switch (valid[i]) {
      case '&':
        escaped += "&amp;";
        ++i;
        break;
      case '<':
        escaped += "&lt;";
        ++i;
        break;
      case '>':
        escaped += "&gt;";
        ++i;
        break;
      default: {
        const std::size_t start = i++;
        // Bytes 10xxxxxx go on with the code point.
        while (i < valid.size() && (static_cast<unsigned char>(valid[i]) & 0xc0) == 0x80) ++i;
        escaped.append(valid, start, i - start);
      }
    }
  }
  if (escaped.size() > max_bytes) {
    escaped.resize(fits_with_mark);
    escaped.append(kEllipsis.data(), kEllipsis.size());
  }
  return escaped;
}

MessageBuilder::MessageBuilder(Tone tone, absl::string_view headline)
    : headline_(BlankHidden(absl::StrCat(Mark(tone), " ", headline))) {}

MessageBuilder& MessageBuilder::Paragraph(absl::string_view text) {
  parts_.push_back({Part::Kind::kParagraph, "", std::string(text)});
  return *this;
}

MessageBuilder& MessageBuilder::Fact(absl::string_view title, absl::string_view value) {
  parts_.push_back({Part::Kind::kFact, std::string(title), BlankHidden(value)});
  return *this;
}

MessageBuilder& MessageBuilder::Command(absl::string_view purpose, absl::string_view command) {
  return Paragraph(absl::StrCat(purpose, "\n", BlankHidden(command)));
}

MessageBuilder& MessageBuilder::Footer(absl::string_view text) {
  parts_.push_back({Part::Kind::kFooter, "", BlankHidden(text)});
  return *this;
}

std::string MessageBuilder::PlainText() const {
  std::string text = headline_;
  for (const Part& part : parts_) {
    absl::StrAppend(&text, "\n", part.title, part.title.empty() ? "" : ": ", part.text);
  }
  return text;
}

std::string MessageBuilder::Build() const {
  JsonWriter json;
  json.BeginObject();
  json.Key("text").String(SlackText(PlainText(), kPlainTextBytes));
  json.Key("mrkdwn").Bool(false);
  // Slack would fetch addresses in an error's text to show a preview of them.
  json.Key("unfurl_links").Bool(false).Key("unfurl_media").Bool(false);
  json.Key("blocks").BeginArray();
  json.BeginObject().Key("type").String("header").Key("text");
  AppendPlainText(headline_, kHeadlineBytes, &json);
  json.EndObject();
  const std::size_t count = std::min(parts_.size(), kMaxParts);
  for (std::size_t i = 0; i < count;) {
    if (parts_[i].kind == Part::Kind::kFact) {
      json.BeginObject().Key("type").String("section").Key("fields").BeginArray();
      for (std::size_t row = 0;
           row < kFactsPerSection && i < count && parts_[i].kind == Part::Kind::kFact; ++row, ++i) {
        json.BeginObject().Key("type").String("mrkdwn").Key("text");
        json.String(absl::StrCat("*", SlackText(parts_[i].title, kFactBytes), "*")).EndObject();
        AppendPlainText(parts_[i].text, kFactBytes, &json);
      }
      json.EndArray().EndObject();
      continue;
    }
    if (parts_[i].kind == Part::Kind::kFooter) {
      json.BeginObject().Key("type").String("context").Key("elements").BeginArray();
      AppendPlainText(parts_[i].text, kFactBytes, &json);
      json.EndArray().EndObject();
    } else {
      json.BeginObject().Key("type").String("section").Key("text");
      AppendPlainText(parts_[i].text, kParagraphBytes, &json);
      json.EndObject();
    }
    ++i;
  }
  json.EndArray().EndObject();
  return std::move(json).Take();
}

std::string FallbackPayload(absl::string_view payload) {
  if (!absl::ConsumePrefix(&payload, kTextMember) || !absl::StartsWith(payload, "\"")) return "";
  const std::size_t length = LengthOfJsonString(payload);
  if (length == 0) return "";
  return absl::StrCat(kTextMember, payload.substr(0, length),
                      R"(,"mrkdwn":false,"unfurl_links":false,"unfurl_media":false})");
}

}  // namespace logexport
