#include "client/cli/answer_printer.h"

#include <algorithm>
#include <cstddef>
#include <ostream>

#include "client/cli/api_conventions.h"
#include "client/cli/errors.h"
#include "client/cli/render_json.h"
#include "client/cli/render_table.h"
#include "service/base/shown_text.h"

namespace logexport::cli {
namespace {

// The command line and the next prompt, with what is said between them.
constexpr int kRowsBesideAnAnswer = 4;

}  // namespace

TableStyle StyleFor(const CliContext& context) {
  const Terminal& terminal = *context.terminal;
  TableStyle style;
  style.now = context.now();
  style.zone = context.zone;
  style.width = 0;
  // What is piped on is not cut to a screen.
  if (!terminal.out_is_tty()) return style;
  style.width = static_cast<std::size_t>(terminal.width());
  style.height = static_cast<std::size_t>(std::max(terminal.height() - kRowsBesideAnAnswer, 1));
  style.colours = terminal.shows_colours();
  return style;
}

int AnswerPrinter::Print(const google::protobuf::Message& answer) {
  std::ostream& out = context_.terminal->out();
  switch (invocation_.options.output) {
    case OutputFormat::kJson:
      out << ToJson(answer, JsonStyle::kPretty) << "\n";
      break;
    case OutputFormat::kYaml:
      out << ToYaml(answer);
      break;
    case OutputFormat::kJsonl: {
      // A list is worth a line per item.
      const Paging paging =
          invocation_.command == nullptr ? Paging() : PagingOf(invocation_.command->method);
      const bool list = paging && answer.GetDescriptor() == paging.items->containing_type();
      if (!list) {
        out << ToJson(answer, JsonStyle::kLine) << "\n";
        break;
      }
      const auto* r = answer.GetReflection();
      for (int i = 0; i < r->FieldSize(answer, paging.items); ++i) {
        const google::protobuf::Message& item = r->GetRepeatedMessage(answer, paging.items, i);
        const std::string ready = ReadyLine(item);
        out << (ready.empty() ? ToJson(item, JsonStyle::kLine) : EscapeHidden(ready)) << "\n";
      }
      break;
    }
    case OutputFormat::kTable: {
      TableStyle style = StyleFor(context_);
      style.columns = invocation_.options.columns;
      const auto text = RenderTable(answer, style);
      if (!text.ok()) {
        context_.terminal->err() << context_.program << ": " << text.status().message() << "\n";
        return kExitUsage;
      }
      out << *text;
      break;
    }
  }
  out.flush();
  if (out) return kExitOk;
  context_.terminal->err() << context_.program << ": cannot write the answer\n";
  return kExitLocal;
}

int AnswerPrinter::PrintDocument(const google::protobuf::Message& answer) {
  std::ostream& out = context_.terminal->out();
  if (invocation_.options.output == OutputFormat::kJson ||
      invocation_.options.output == OutputFormat::kJsonl) {
    out << ToJson(answer, JsonStyle::kLine) << std::endl;
    return out ? kExitOk : kExitLocal;
  }
  if (invocation_.options.output == OutputFormat::kYaml) out << "---\n";
  const int printed = Print(answer);
  if (invocation_.options.output == OutputFormat::kTable) out << std::endl;
  return printed;
}

}  // namespace logexport::cli
