#include "client/cli/completion.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"

#include "client/cli/api_conventions.h"
#include "client/cli/common_options.h"
#include "client/cli/field_flags.h"
#include "logexport/v1/options.pb.h"

namespace logexport::cli {
namespace {

namespace pb = google::protobuf;

// The enum whose values, as texts without their prefix, `field` takes; or null.
const pb::EnumDescriptor* EnumOf(const pb::FieldDescriptor* field) {
  const std::string from = field->options().GetExtension(v1::values_from);
  absl::string_view type = from;
  if (!absl::ConsumePrefix(&type, "enum ")) return nullptr;
  return field->file()->pool()->FindEnumTypeByName(
      absl::StrCat(std::string(field->file()->package()), ".", type));
}

// The command whose answer lists the things that `field` names one of, or null.
const Command* ListOf(const Schema& schema, const pb::FieldDescriptor* field,
                      const pb::FieldDescriptor** item_field) {
  const std::string from = field->options().GetExtension(v1::values_from);
  if (const auto dot = from.find('.'); dot != std::string::npos) {
    const auto* method = schema.service().FindMethodByName(from.substr(0, dot));
    const auto* items = method == nullptr ? nullptr : ListField(method->output_type());
    if (items == nullptr) return nullptr;
    *item_field = items->message_type()->FindFieldByName(from.substr(dot + 1));
    return *item_field == nullptr ? nullptr : schema.Find(method);
  }
  for (const Command& command : schema.commands()) {
    const Paging paging = PagingOf(command.method);
    if (!paging || command.writes) continue;
    const auto* candidate =
        paging.items->message_type()->FindFieldByName(std::string(field->name()));
    if (candidate == nullptr || candidate->cpp_type() != field->cpp_type()) continue;
    if (candidate->options().GetExtension(v1::column) != 1) continue;
    *item_field = candidate;
    return &command;
  }
  return nullptr;
}

class Completer {
 public:
  Completer(const Schema& schema, const Environment& environment, const LiveValues& live_values)
      : schema_(schema), environment_(environment), live_values_(live_values) {}

  std::vector<Candidate> Complete(const std::vector<std::string>& words) {
    last_ = words.empty() ? "" : words.back();
    if (!words.empty()) before_.assign(words.begin(), words.end() - 1);
    FindCommand();
    if (!before_.empty() && TakesValue(before_.back())) {
      CompleteValue(before_.back());
    } else if (absl::StartsWith(last_, "--") && absl::StrContains(last_, '=')) {
      const auto equals = last_.find('=');
      const std::string flag = last_.substr(0, equals);
      prefix_ = absl::StrCat(flag, "=");
      last_ = last_.substr(equals + 1);
      CompleteValue(flag);
    } else if (absl::StartsWith(last_, "-")) {
      CompleteFlagName();
    } else if (!word_seen_) {
      CompleteCommand();
    } else if (first_word_ == "doctor" || first_word_ == "open-console") {
      return {};
    } else if (command_ == nullptr) {
      for (const char* shell : {"bash", "zsh", "fish"}) {
        if (first_word_ == "completion") Add(shell, "");
      }
      if (first_word_ == "help") CompleteCommand();
    } else {
      for (const Flag& flag : flags_) {
        if (flag.positional) CompleteFieldValue(flag);
      }
    }
    std::sort(candidates_.begin(), candidates_.end(),
              [](const Candidate& a, const Candidate& b) { return a.word < b.word; });
    return std::move(candidates_);
  }

 private:
  void FindCommand() {
    bool value_follows = false;
    for (const std::string& word : before_) {
      if (value_follows) {
        value_follows = false;
      } else if (absl::StartsWith(word, "-")) {
        value_follows = TakesValue(word);
      } else if (!word_seen_) {
        word_seen_ = true;
        first_word_ = word;
        command_ = schema_.Find(word);
        if (command_ != nullptr) flags_ = FlagsOf(command_->method->input_type());
      }
    }
  }

  const CommonOption* FindCommon(const std::string& word) const {
    for (const CommonOption& option : CommonOptions()) {
      if (!Applies(option, command_)) continue;
      if (word == absl::StrCat("--", option.name)) return &option;
      if (option.short_name != 0 && word == absl::StrCat("-", std::string(1, option.short_name))) {
        return &option;
      }
    }
    return nullptr;
  }

  const Flag* FindField(const std::string& word) const {
    return absl::StartsWith(word, "--") ? FindFlag(flags_, word.substr(2)) : nullptr;
  }

  bool TakesValue(const std::string& word) const {
    if (const CommonOption* option = FindCommon(word)) return !option->value.empty();
    if (const Flag* flag = FindField(word)) {
      return flag->repeated || (flag->kind != FlagKind::kBool && flag->kind != FlagKind::kPresence);
    }
    for (const Flag& flag : flags_) {
      if (flag.sensitive && (word == absl::StrCat("--", FileFlagName(flag)) ||
                             word == absl::StrCat("--", VariableFlagName(flag)))) {
        return true;
      }
    }
    return false;
  }

  void Add(const std::string& word, const std::string& about) {
    if (absl::StartsWith(word, last_)) candidates_.push_back({absl::StrCat(prefix_, word), about});
  }

  void CompleteCommand() {
    for (const Command& command : schema_.commands()) {
      Add(command.name, command.comment.brief);
      // Aliases only once somebody is on the way to one.
      for (const std::string& alias : command.aliases) {
        if (!last_.empty()) Add(alias, command.comment.brief);
      }
    }
    if (first_word_ == "help") return;
    Add("help", "Shows help about a command");
    Add("completion", "Prints a script that completes commands in a shell");
    Add("doctor", "Checks the way to the service and the settings of an exporter");
    Add("open-console", "Opens the web console, logged in as you");
  }

  void CompleteFlagName() {
    for (const Flag& flag : flags_) {
      const std::string about = CommentOf(flag.field()).brief;
      if (flag.sensitive) {
        Add(absl::StrCat("--", FileFlagName(flag)), about);
        Add(absl::StrCat("--", VariableFlagName(flag)), about);
      }
      Add(absl::StrCat("--", flag.name), about);
      const bool negatable = flag.kind == FlagKind::kBool && !flag.repeated;
      if (negatable && absl::StartsWith(last_, "--no-"))
        Add(absl::StrCat("--no-", flag.name), about);
    }
    for (const CommonOption& option : CommonOptions()) {
      if (Applies(option, command_)) Add(absl::StrCat("--", option.name), std::string(option.help));
    }
  }

  void CompleteValue(const std::string& word) {
    if (const CommonOption* option = FindCommon(word)) {
      for (const std::string& choice : option->choices) Add(choice, "");
      if (option->name == "clear") CompleteMaskPaths();
      if (option->name == "columns") CompleteColumns();
      return;
    }
    if (const Flag* flag = FindField(word)) CompleteFieldValue(*flag);
  }

  // The part of a comma list before what is being typed.
  void SkipList() {
    const auto comma = last_.rfind(',');
    if (comma == std::string::npos) return;
    absl::StrAppend(&prefix_, last_.substr(0, comma + 1));
    last_ = last_.substr(comma + 1);
  }

  void CompleteMaskPaths() {
    SkipList();
    std::set<std::string> groups;
    for (const Flag& flag : flags_) {
      if (!flag.masked) continue;
      Add(flag.mask_path, CommentOf(flag.field()).brief);
      const std::string group = flag.mask_path.substr(0, flag.mask_path.find('.'));
      if (group != flag.mask_path && groups.insert(group).second) {
        Add(group, absl::StrCat("All of ", group));
      }
    }
  }

  void CompleteColumns() {
    SkipList();
    const auto* list = ListField(command_->method->output_type());
    if (list == nullptr) return;
    const auto* type = list->message_type();
    for (int i = 0; i < type->field_count(); ++i) {
      Add(std::string(type->field(i)->name()), CommentOf(type->field(i)).brief);
    }
  }

  void CompleteFieldValue(const Flag& flag) {
    if (flag.repeated) SkipList();
    switch (flag.kind) {
      case FlagKind::kEnum:
        for (const auto* value : EnumChoices(flag.field()->enum_type())) {
          Add(ShortEnumName(value), CommentOf(value).brief);
        }
        break;
      case FlagKind::kFieldMask:
        CompleteMaskPaths();
        break;
      case FlagKind::kTime:
        for (const char* word : {"now", "today", "yesterday", "-1h", "-1d"}) Add(word, "");
        break;
      case FlagKind::kText:
      case FlagKind::kNumber:
        if (!flag.sensitive) CompleteLive(flag);
        break;
      default:
        break;
    }
  }

  void CompleteLive(const Flag& flag) {
    if (const pb::EnumDescriptor* type = EnumOf(flag.field())) {
      for (const auto* value : EnumChoices(type)) {
        const std::string name = ShortEnumName(value);
        Add(absl::StrReplaceAll(absl::AsciiStrToUpper(name), {{"-", "_"}}), CommentOf(value).brief);
      }
      return;
    }
    const pb::FieldDescriptor* field = nullptr;
    const Command* list = ListOf(schema_, flag.field(), &field);
    if (list == nullptr || !live_values_) return;
    // --server and --exporter may have been typed already; what is unfinished does not matter.
    std::vector<std::string> words = before_;
    if (!words.empty() && TakesValue(words.back())) words.pop_back();
    auto invocation = ParseCommandLine(schema_, words, environment_);
    if (!invocation.ok()) invocation = ParseCommandLine(schema_, {list->name}, environment_);
    if (!invocation.ok()) return;
    std::string exporter;
    for (const FlagUse& use : invocation->uses) {
      if (use.flag->name == "exporter") exporter = use.texts.back();
    }
    for (const Candidate& value : live_values_(*list, field, invocation->options, exporter)) {
      Add(value.word, value.about);
    }
  }

  const Schema& schema_;
  const Environment& environment_;
  const LiveValues& live_values_;
  std::vector<std::string> before_;
  std::string last_;
  std::string prefix_;  // of what is being typed, kept as it is
  bool word_seen_ = false;
  std::string first_word_;
  const Command* command_ = nullptr;
  std::vector<Flag> flags_;
  std::vector<Candidate> candidates_;
};

// The words are handed over as they are; bash splits at = and :, which is undone first. Candidates
// come as WORD<tab>DESCRIPTION.
constexpr char kBash[] = R"sh(# bash completion for @P@; load it with: source <(@P@ completion bash)
_@P@() {
  local words=("${COMP_WORDS[@]:1:COMP_CWORD}") line joined=() word i
  for ((i = 0; i < ${#words[@]}; i++)); do
    word="${words[i]}"
    if [[ ${#joined[@]} -gt 0 && ( $word == "=" || $word == ":" ) ]]; then
      joined[-1]+="$word"
      if ((i + 1 < ${#words[@]})); then joined[-1]+="${words[++i]}"; fi
    else
      joined+=("$word")
    fi
  done
  local current="${joined[-1]}" cut=""
  [[ $current == *[=:]* ]] && cut="${current%"${current##*[=:]}"}"
  COMPREPLY=()
  while IFS= read -r line; do
    line="${line%%$'\t'*}"
    COMPREPLY+=("${line#"$cut"}")
  done < <(@P@ __complete "${joined[@]}" 2>/dev/null)
}
complete -o default -F _@P@ @P@
)sh";

constexpr char kZsh[] = R"sh(#compdef @P@
# zsh completion for @P@; load it with: source <(@P@ completion zsh)
_@P@() {
  local -a candidates
  local line word about
  while IFS= read -r line; do
    word="${line%%$'\t'*}"
    about="${line#*$'\t'}"
    candidates+=("${word//:/\\:}:$about")
  done < <(@P@ __complete "${(@)words[2,CURRENT]}" 2>/dev/null)
  if (( ${#candidates} )); then
    _describe '@P@' candidates
  else
    _files
  fi
}
compdef _@P@ @P@
)sh";

constexpr char kFish[] = R"sh(# fish completion for @P@; load it with: @P@ completion fish | source
function __@P@_complete
  set -l words (commandline -opc) (commandline -ct)
  set -l found (@P@ __complete $words[2..-1] 2>/dev/null)
  if test (count $found) -gt 0
    printf '%s\n' $found
  else
    __fish_complete_path (commandline -ct)
  end
end
complete -c @P@ -f -a '(__@P@_complete)'
)sh";

}  // namespace

std::vector<Candidate> Complete(const Schema& schema, const std::vector<std::string>& words,
                                const Environment& environment, const LiveValues& live_values) {
  return Completer(schema, environment, live_values).Complete(words);
}

absl::StatusOr<std::string> CompletionScript(const std::string& shell, const std::string& program) {
  for (const auto& [name, script] :
       {std::pair("bash", kBash), std::pair("zsh", kZsh), std::pair("fish", kFish)}) {
    if (shell == name) return absl::StrReplaceAll(script, {{"@P@", program}});
  }
  return absl::InvalidArgumentError(
      absl::StrCat("no completion for '", shell, "'; there is one for bash, zsh and fish"));
}

}  // namespace logexport::cli
