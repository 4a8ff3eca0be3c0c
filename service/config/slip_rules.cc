#include "service/config/slip_rules.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

#include "service/base/status_macros.h"

namespace logexport {
namespace {

bool IsSpace(char c) { return absl::ascii_isspace(static_cast<unsigned char>(c)); }

bool IsEnclosed(absl::string_view text, absl::string_view begin, absl::string_view end) {
  return text.size() > begin.size() + end.size() && absl::StartsWith(text, begin) &&
         absl::EndsWith(text, end);
}

bool IsQuoted(absl::string_view text) {
  if (text == "\"\"" || text == "''") return true;
  return IsEnclosed(text, "\"", "\"") || IsEnclosed(text, "'", "'") || IsEnclosed(text, "`", "`") ||
         IsEnclosed(text, "“", "”") || IsEnclosed(text, "‘", "’");
}

bool IsVariableName(absl::string_view text) {
  return !text.empty() && !absl::ascii_isdigit(static_cast<unsigned char>(text.front())) &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_';
         });
}

bool IsUnreplacedVariable(absl::string_view text) {
  if (IsEnclosed(text, "${", "}") || IsEnclosed(text, "$(", ")") || IsEnclosed(text, "{{", "}}")) {
    return true;
  }
  if (IsEnclosed(text, "%", "%")) return IsVariableName(text.substr(1, text.size() - 2));
  return absl::ConsumePrefix(&text, "$") && IsVariableName(text);
}

}  // namespace

absl::Status CheckForSlips(absl::string_view text) {
  if (text.empty()) return absl::OkStatus();
  if (IsSpace(text.front()) || IsSpace(text.back())) {
    return absl::InvalidArgumentError("has white space around it; write it without");
  }
  if (IsQuoted(text)) {
    return absl::InvalidArgumentError(
        "has quotes around it, which are taken as part of the value; write it without");
  }
  if (IsUnreplacedVariable(text)) {
    return absl::InvalidArgumentError(
        "is the name of a variable that nothing has replaced; write the value itself");
  }
  if (IsEnclosed(text, "<", ">")) {
    return absl::InvalidArgumentError("is a placeholder; write the value itself");
  }
  return absl::OkStatus();
}

absl::Status CheckListItem(absl::string_view text) {
  RETURN_IF_ERROR(CheckForSlips(text));
  if (absl::StrContains(text, '*')) {
    return absl::InvalidArgumentError(
        "holds *, which stands for nothing here; leave the list empty for all");
  }
  constexpr absl::string_view kNever = "\"'`,;[]{}<>|!=:";
  const auto found = text.find_first_of(kNever);
  if (found == absl::string_view::npos) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("holds ", text.substr(found, 1),
                   absl::StrContains(",;|", text[found])
                       ? "; write each as an item of its own, in a variable separated by commas"
                       : ", which cannot be in it; write it without"));
}

absl::Status CheckLiteralSecret(absl::string_view text) {
  for (const absl::string_view kind : {"env", "file"}) {
    if (!absl::StartsWithIgnoreCase(text, kind)) continue;
    const absl::string_view rest = text.substr(kind.size());
    if (absl::StartsWith(rest, ":") || absl::StartsWith(rest, "=") ||
        absl::StartsWith(rest, "://")) {
      return absl::InvalidArgumentError(absl::StrCat("looks like a reference but is none; write ",
                                                     kind == "env" ? "env:NAME" : "file:/path",
                                                     ", in lower case and with a colon"));
    }
  }
  return absl::OkStatus();
}

}  // namespace logexport
