// The form every Slack message has: a headline with a coloured mark, paragraphs, a table of facts,
// commands to copy. Knows Slack's limits and how to keep text harmless; knows nothing of runs.
//
// Source for the limits and for escaping: Slack's references for Block Kit, incoming webhooks and
// "Formatting message text".
#ifndef LOGEXPORT_SERVICE_SLACK_MESSAGE_H_
#define LOGEXPORT_SERVICE_SLACK_MESSAGE_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace logexport {

// `text` as Slack wants it in any text field: valid UTF-8, `&`, `<` and `>` escaped so that it can
// hold no mention, link or command, and at most `max_bytes` long; what is left out is marked by "…"
// and no character or escape is cut in two.
std::string SlackText(absl::string_view text, std::size_t max_bytes);

// Collects the parts of a message in the order in which they are shown. All texts may come from
// outside: they are escaped, cut to Slack's limits, and shown as plain text, never as markup.
class MessageBuilder {
 public:
  enum class Tone { kGood, kNeutral, kWarning, kBad };

  MessageBuilder(Tone tone, absl::string_view headline);

  MessageBuilder& Paragraph(absl::string_view text);
  // A row of the table. `title` is one of our own words: it alone is set in bold.
  MessageBuilder& Fact(absl::string_view title, absl::string_view value);
  // A command line to copy, and what it is for.
  MessageBuilder& Command(absl::string_view purpose, absl::string_view command);
  // Small print at the end.
  MessageBuilder& Footer(absl::string_view text);

  // The JSON payload. Its member `text`, always the first, holds the whole message once more
  // without layout: for notifications, and for FallbackPayload.
  std::string Build() const;

 private:
  struct Part {
    enum class Kind { kParagraph, kFact, kFooter };
    Kind kind;
    std::string title;
    std::string text;
  };

  std::string PlainText() const;

  std::string headline_;
  std::vector<Part> parts_;
};

// A payload of Build() reduced to its text, for when Slack refuses the layout. Empty if `payload`
// is not one of Build().
std::string FallbackPayload(absl::string_view payload);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_SLACK_MESSAGE_H_
