#include "client/cli/help.h"

#include <algorithm>
#include <map>

#include "absl/functional/function_ref.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"

#include "client/cli/api_words.h"
#include "client/cli/command_line.h"
#include "client/cli/common_options.h"
#include "client/cli/text_table.h"

namespace logexport::cli {
namespace {

namespace pb = google::protobuf;

constexpr std::size_t kWidth = 80;
constexpr std::size_t kTextColumn = 30;

constexpr char kExitCodes[] =
    "Exit codes:\n"
    "  0    done; a run that was waited for SUCCEEDED\n"
    "  1    failed here, e.g. a file cannot be read\n"
    "  2    the command line is wrong\n"
    "  3    the run that was waited for FAILED or was CANCELLED\n"
    "  4    the run that was waited for SUCCEEDED with dead letters\n"
    "  5    waiting timed out; the run goes on\n"
    "  10   get-status --check, doctor: something needs attention\n"
    "  11   get-status --check, doctor: something does not work\n"
    "  64+N the service answered with gRPC status N, e.g. 69 for NOT_FOUND\n"
    "  130  Ctrl-C while following a run; the run goes on\n";

// "  --flag VALUE        text", the text wrapped in its column.
std::string Entry(const std::string& head, absl::string_view text) {
  std::string entry = absl::StrCat("  ", head);
  const std::string body = WrapText(text, kWidth - kTextColumn, kTextColumn);
  if (DisplayWidth(entry) + 2 > kTextColumn) {
    absl::StrAppend(&entry, "\n", std::string(kTextColumn, ' '));
  } else {
    entry.append(kTextColumn - DisplayWidth(entry), ' ');
  }
  return absl::StrCat(entry, body, "\n");
}

std::string Sentence(const Comment& comment, bool brief) {
  if (!brief) return comment.full;
  return comment.brief.empty() || absl::EndsWith(comment.brief, "…")
             ? comment.brief
             : absl::StrCat(comment.brief, ".");
}

std::string FlagHead(const Flag& flag) {
  const std::string value = ValueName(flag);
  if (flag.kind == FlagKind::kBool && !flag.repeated && flag.field()->has_presence()) {
    // Without presence the field is false anyway.
    return absl::StrCat("--[no-]", flag.name);
  }
  return absl::StrCat("--", flag.name, value.empty() ? "" : " ", value);
}

// A line about one of the things a flag can be, below the text of the flag.
std::string Detail(const std::string& text) {
  return absl::StrCat(std::string(kTextColumn + 2, ' '),
                      WrapText(text, kWidth - kTextColumn - 4, kTextColumn + 4), "\n");
}

// What the comments say, in the words of the command line.
using Words = absl::FunctionRef<std::string(absl::string_view)>;

std::string FlagEntry(const Flag& flag, bool brief, Words words) {
  std::string text = words(Sentence(CommentOf(flag.field()), brief));
  if (flag.required) absl::StrAppend(&text, " (required)");
  if (flag.repeated && !brief) absl::StrAppend(&text, " May be repeated.");
  std::string help;
  if (flag.sensitive) {
    // The value itself is never taken from the command line. Who reads it, this program or the
    // service, is what these flags differ in.
    help =
        Entry(absl::StrCat("--", flag.name, "-file FILE"),
              absl::StrCat(text, " Read from this file by this program; the service stores it."));
    help += Entry(absl::StrCat("--", flag.name, "-env VARIABLE"),
                  "The same, read from this variable of the environment of this program; the "
                  "service stores it.");
    help += Entry(absl::StrCat("--", flag.name, " env:NAME|file:/PATH|-"),
                  "Not the value but where the service reads it, at each run: a variable of the "
                  "service's own environment, named LOGEXPORT_SECRET_*, or a file below its "
                  "--secret-dir. With - this program asks for the value.");
    return help;
  }
  help = Entry(FlagHead(flag), text);
  if (brief) return help;
  if (flag.kind == FlagKind::kEnum) {
    for (const auto* value : EnumChoices(flag.field()->enum_type())) {
      help += Detail(absl::StrCat(ShortEnumName(value), ": ", words(CommentOf(value).full)));
    }
  }
  if (flag.kind == FlagKind::kJson) {
    for (const Flag& key : FlagsOf(flag.field()->message_type())) {
      const std::string value = ValueName(key);
      help += Detail(absl::StrCat(key.name, "=", value.empty() ? "true|false" : value, ": ",
                                  words(CommentOf(key.field()).full)));
    }
  }
  return help;
}

std::string CommonEntry(const CommonOption& option) {
  std::string head = absl::StrCat(
      option.short_name == 0 ? "" : absl::StrCat("-", std::string(1, option.short_name), ", "),
      "--", option.name);
  if (!option.choices.empty()) {
    absl::StrAppend(&head, " ", absl::StrJoin(option.choices, "|"));
  } else if (!option.value.empty()) {
    absl::StrAppend(&head, " ", option.value);
  }
  std::string text(option.help);
  if (!option.environment.empty()) absl::StrAppend(&text, " [$", option.environment, "]");
  return Entry(head, text);
}

std::string CommonEntries(const Command* command, bool for_every_command) {
  std::string help;
  for (const CommonOption& option : CommonOptions()) {
    const bool everywhere = option.scope == CommonOption::Scope::kEverywhere;
    if (everywhere == for_every_command && Applies(option, command)) help += CommonEntry(option);
  }
  return help;
}

// What the message a group of flags belongs to is about.
std::string GroupTitle(const Flag& flag) {
  std::string title = flag.group;
  if (flag.path.size() >= 2) {
    const Comment comment = CommentOf(flag.path[flag.path.size() - 2]);
    if (!comment.brief.empty()) absl::StrAppend(&title, ": ", comment.brief);
  }
  return title;
}

}  // namespace

std::string ProgramHelp(const Schema& schema, absl::string_view program) {
  pb::SourceLocation location;
  std::string about;
  if (schema.service().GetSourceLocation(&location)) {
    about = MakeComment(location.leading_comments).full;
  }
  std::string help = absl::StrCat(about, "\n\nUsage:\n  ", program, " COMMAND [FLAGS]\n  ", program,
                                  " help COMMAND\n  ", program, " completion bash|zsh|fish\n  ",
                                  program, " doctor [--exporter ID] [--notify]\n  ", program,
                                  " open-console\n\nCommands:\n");
  for (const Command& command : schema.commands()) {
    const std::string names = absl::StrCat(command.name, command.aliases.empty() ? "" : ", ",
                                           absl::StrJoin(command.aliases, ", "));
    help += Entry(names,
                  InCommandWords(Sentence(command.comment, /*brief=*/true), schema.service(), {}));
  }
  help += Entry("doctor",
                "Checks the way to the service and the exporter's settings, step by step. Tries "
                "the settings live where the caller's role allows it; posts to Slack only with "
                "--notify.");
  help += Entry("open-console",
                "Opens the web console in a browser, logged in as you: prints a link that works "
                "once, within a minute.");
  absl::StrAppend(&help, "\nFlags of every command:\n", CommonEntries(nullptr, true));
  return absl::StrCat(help, "\n", kExitCodes);
}

std::string CommandHelp(const Command& command, const std::vector<Flag>& flags,
                        absl::string_view program, bool brief) {
  const auto words = [&](absl::string_view text) {
    return InCommandWords(text, *command.method->service(), flags);
  };
  std::string usage = absl::StrCat(program, " ", command.name);
  std::string own;
  std::vector<std::pair<std::string, std::string>> groups;  // title, entries; in order of fields
  std::map<const pb::OneofDescriptor*, int> members;
  for (const Flag& flag : flags) {
    if (flag.oneof != nullptr) ++members[flag.oneof];
  }
  std::map<const pb::OneofDescriptor*, bool> announced;
  for (const Flag& flag : flags) {
    if (flag.positional) {
      std::string name = absl::AsciiStrToUpper(std::string(flag.field()->name()));
      absl::StrAppend(&usage, " ", flag.required ? name : absl::StrCat("[", name, "]"));
    }
    std::string* entries = &own;
    if (!flag.group.empty()) {
      const std::string title = GroupTitle(flag);
      if (groups.empty() || groups.back().first != title) groups.emplace_back(title, "");
      entries = &groups.back().second;
    }
    if (flag.oneof != nullptr && members[flag.oneof] > 1) {
      if (!announced[flag.oneof]) {
        absl::StrAppend(entries, "\n  ", CommentOf(flag.oneof).brief, "; one of:\n");
        announced[flag.oneof] = true;
      }
      const bool last = &flag == &flags.back() || (&flag)[1].oneof != flag.oneof;
      absl::StrAppend(entries, FlagEntry(flag, brief, words), last ? "\n" : "");
      continue;
    }
    *entries += FlagEntry(flag, brief, words);
  }
  std::string help =
      absl::StrCat(WrapText(words(Sentence(command.comment, brief)), kWidth, 0), "\n\n");
  absl::StrAppend(&help, "Usage:\n  ", usage, " [FLAGS]\n");
  if (!command.aliases.empty()) {
    absl::StrAppend(&help, "Also called: ", absl::StrJoin(command.aliases, ", "), "\n");
  }
  if (command.destructive) {
    absl::StrAppend(&help, "Asks before it acts; --yes answers the question.\n");
  }
  if (!own.empty()) absl::StrAppend(&help, "\nFlags:\n", absl::StripPrefix(own, "\n"));
  for (const auto& [title, entries] : groups) {
    absl::StrAppend(&help, "\n", WrapText(title, kWidth - 2, 2), "\n", entries);
  }
  absl::StrAppend(&help, "\nFlags of the program:\n", CommonEntries(&command, false),
                  "\nThose of every command, e.g. -o, --server, --deadline: ", program,
                  " --help\n");
  if (!brief) {
    absl::StrAppend(
        &help,
        "\nTIME is now, -2h, yesterday 14:00, 2026-11-01, 2026-11-01 14:00 (both local) or\n"
        "2026-11-01T14:00:00Z. DURATION is 90s, 1h30m or 2d. Lists take several flags or\n"
        "commas; --x= clears one.\n");
  }
  return help;
}

}  // namespace logexport::cli
