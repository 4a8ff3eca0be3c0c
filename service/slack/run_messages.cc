#include "service/slack/run_messages.h"

#include "absl/strings/str_cat.h"

#include "service/base/shell_word.h"
#include "service/slack/message.h"
#include "service/slack/wording.h"

namespace logexport {
namespace {

using Tone = MessageBuilder::Tone;

absl::string_view RunNoun(RunKind kind) {
  switch (kind) {
    case RunKind::kExport:
      return "Export";
    case RunKind::kDryRun:
      return "Dry run";
    case RunKind::kWindow:
      return "Export of a window";
    case RunKind::kRedrive:
      return "Redrive of dead letters";
    case RunKind::kCompleteness:
      return "Export of late logs";
  }
  return "";
}

std::string ErrorParagraph(const RunRecord& run) {
  if (!run.error) {
    return absl::StrCat("The run ended early: ", StopReasonText(run.stop_reason), ".");
  }
  return absl::StrCat(run.error->message,
                      run.error->action.empty() ? "" : "\nWhat to do: ", run.error->action);
}

void AddRunFacts(const RunNews& news, MessageBuilder* message) {
  const RunRecord& run = news.run;
  AddRoute(news.route, message);
  message->Fact("Logs", LedgerText(run.ledger));
  if (run.parameters.kind == RunKind::kExport) {
    message->Fact("Checkpoint", PositionText(run.checkpoint_after));
    if (news.lag) message->Fact("Lag", LagText(*news.lag));
  }
  if (!run.warnings.empty()) message->Fact("Warnings", WarningsText(run.warnings));
}

void AddRunFooter(const RunRecord& run, MessageBuilder* message) {
  std::string text = absl::StrCat("Run ", run.run_id, ", started by ", TriggerText(run.trigger));
  if (run.started) absl::StrAppend(&text, " at ", MomentText(*run.started));
  if (run.started && run.ended) {
    absl::StrAppend(&text, ", took ", SpanText(*run.ended - *run.started));
  }
  message->Footer(text);
}

void AddDeadLetterCommand(const RunNews& news, MessageBuilder* message) {
  if (news.run.ledger.logs.dead_lettered == 0) return;
  message->Command(
      absl::StrCat("Segment can never accept the dead letters as they are. ",
                   Counted(news.dead_letters, "dead letter"),
                   " of this exporter are kept. To see why:"),
      absl::StrCat("logexportctl list-dead-letters --exporter ", ShellWord(news.run.exporter)));
}

}  // namespace

std::string RunFailedPayload(const RunNews& news, bool reminder) {
  const RunRecord& run = news.run;
  const bool moves_checkpoint = run.parameters.kind == RunKind::kExport;
  MessageBuilder message(Tone::kBad, absl::StrCat(RunNoun(run.parameters.kind),
                                                  reminder ? " still failing: " : " failed: ",
                                                  run.exporter, " – ", FailureReason(run)));
  message.Paragraph(ErrorParagraph(run));
  if (run.error) {
    message.Fact("Error", absl::StrCat(run.error->origin, " / ", run.error->reason));
  }
  if (moves_checkpoint) {
    message.Fact("Failures in a row", CountText(news.exporter.consecutive_failures));
    message.Fact("Last success", MomentOrNever(news.exporter.last_success));
  }
  AddRunFacts(news, &message);
  message.Command(moves_checkpoint
                      ? "No log is lost: the next run goes on from the checkpoint. To export "
                        "everything after it again, now or later:"
                      : "To run it again:",
                  ReplayCommand(run));
  AddDeadLetterCommand(news, &message);
  AddRunFooter(run, &message);
  return message.Build();
}

std::string RunRecoveredPayload(const RunNews& news) {
  MessageBuilder message(Tone::kGood, absl::StrCat("Export works again: ", news.run.exporter));
  message.Fact("Ended because", StopReasonText(news.run.stop_reason));
  AddRunFacts(news, &message);
  AddDeadLetterCommand(news, &message);
  AddRunFooter(news.run, &message);
  return message.Build();
}

std::string RunSucceededPayload(const RunNews& news) {
  const std::int64_t dead_letters = news.run.ledger.logs.dead_lettered;
  std::string headline =
      absl::StrCat(RunNoun(news.run.parameters.kind),
                   news.run.state == RunState::kCancelled ? " was cancelled" : " succeeded");
  if (dead_letters > 0) absl::StrAppend(&headline, " with ", Counted(dead_letters, "dead letter"));
  const bool attention = dead_letters > 0 || !news.run.warnings.empty();
  MessageBuilder message(attention ? Tone::kWarning : Tone::kGood,
                         absl::StrCat(headline, ": ", news.run.exporter));
  message.Fact("Ended because", StopReasonText(news.run.stop_reason));
  AddRunFacts(news, &message);
  AddDeadLetterCommand(news, &message);
  AddRunFooter(news.run, &message);
  return message.Build();
}

}  // namespace logexport
