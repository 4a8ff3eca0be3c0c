#ifndef LOGEXPORT_CLIENT_CLI_ANSWER_PRINTER_H_
#define LOGEXPORT_CLIENT_CLI_ANSWER_PRINTER_H_

#include <google/protobuf/message.h>

#include "client/cli/cli_context.h"
#include "client/cli/command_line.h"
#include "client/cli/render_value.h"

namespace logexport::cli {

// How tables are shown on the program's terminal.
TableStyle StyleFor(const CliContext& context);

// Writes answers to standard output in the format that was asked for.
class AnswerPrinter {
 public:
  // Both must outlive it.
  AnswerPrinter(const CliContext& context, const Invocation& invocation)
      : context_(context), invocation_(invocation) {}

  // The whole answer of a call. Returns the exit code.
  int Print(const google::protobuf::Message& answer);
  // One of a stream of answers.
  int PrintDocument(const google::protobuf::Message& answer);

 private:
  const CliContext& context_;
  const Invocation& invocation_;
};

}  // namespace logexport::cli

#endif  // LOGEXPORT_CLIENT_CLI_ANSWER_PRINTER_H_
