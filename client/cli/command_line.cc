#include "client/cli/command_line.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include <CLI/CLI.hpp>

#include "client/cli/common_options.h"
#include "client/cli/time_input.h"
#include "service/base/spelling.h"
#include "service/base/status_macros.h"

namespace logexport::cli {
namespace {

constexpr char kShells[] = "bash, zsh or fish";

// --a-b,--a_b and, for an argument, A_B.
std::string OptionNames(const std::string& name, bool positional) {
  std::string names = absl::StrCat("--", name);
  std::string underscored = name;
  std::replace(underscored.begin(), underscored.end(), '-', '_');
  if (underscored != name) absl::StrAppend(&names, ",--", underscored);
  if (positional) absl::StrAppend(&names, ",", absl::AsciiStrToUpper(underscored));
  return names;
}

// CLI11 splits the words; what they mean is decided here. One parser serves one command line.
class Parser {
 public:
  Parser(const Schema& schema, bool short_help) : schema_(schema), short_help_(short_help) {
    app_.set_help_flag("");
    app_.allow_extras();
    app_.fallthrough();
    app_.require_subcommand(0, 1);
    version_ = app_.add_flag("--version");
    for (const CommonOption& option : CommonOptions()) {
      if (Applies(option, nullptr)) AddCommon(app_, option);
    }
    help_command_ = app_.add_subcommand("help");
    help_topic_ = help_command_->add_option("TOPIC");
    completion_ = app_.add_subcommand("completion");
    shell_ = completion_->add_option("SHELL");
    doctor_ = app_.add_subcommand("doctor");
    doctor_exporter_ = AddValueOption(*doctor_, "--exporter");
    doctor_notify_ = doctor_->add_flag("--notify");
    open_console_ = app_.add_subcommand("open-console");
    for (const Command& command : schema.commands()) {
      CLI::App* sub = app_.add_subcommand(command.name);
      for (const std::string& alias : command.aliases) sub->alias(alias);
      subcommands_[sub] = &command;
    }
  }

  absl::StatusOr<Invocation> Parse(std::vector<std::string> args, const Environment& environment) {
    Invocation invocation;
    // Flags are made only for the commands that are named; which of the words is the command and
    // which a value is known only after parsing.
    for (const std::string& arg : args) {
      const Command* command = absl::StartsWith(arg, "-") ? nullptr : schema_.Find(arg);
      if (command != nullptr && flags_.count(command) == 0) AddCommandFlags(*command);
    }
    RETURN_IF_ERROR(Run(std::move(args)));
    const auto chosen = app_.get_subcommands();
    if (!chosen.empty() && subcommands_.count(chosen.front()) > 0) {
      invocation.command = subcommands_[chosen.front()];
      invocation.flags = std::move(flags_[invocation.command]);  // moving keeps their addresses
    }
    RETURN_IF_ERROR(ReadAction(chosen.empty() ? nullptr : chosen.front(), invocation));
    if (invocation.action == Invocation::Action::kDoctor) {
      if (doctor_exporter_->count() > 0) invocation.exporter = doctor_exporter_->results().back();
      invocation.notify = doctor_notify_->count() > 0;
      RETURN_IF_ERROR(ReadOptions(environment, invocation.options));
      return invocation;
    }
    if (invocation.action == Invocation::Action::kOpenConsole) {
      RETURN_IF_ERROR(ReadOptions(environment, invocation.options));
      return invocation;
    }
    if (invocation.action != Invocation::Action::kCall) return invocation;
    ReadUses(invocation);
    RETURN_IF_ERROR(ReadOptions(environment, invocation.options));
    return invocation;
  }

 private:
  void AddCommon(CLI::App& app, const CommonOption& option) {
    std::string names = OptionNames(std::string(option.name), false);
    if (option.short_name != 0) absl::StrAppend(&names, ",-", std::string(1, option.short_name));
    common_.emplace(std::string(option.name),
                    option.value.empty() ? app.add_flag(names) : AddValueOption(app, names));
  }

  static CLI::Option* AddValueOption(CLI::App& app, const std::string& names) {
    // One value per use, any number of uses; whether that is too many is decided by the field.
    return app.add_option(names)->expected(1)->allow_extra_args(false)->multi_option_policy(
        CLI::MultiOptionPolicy::TakeAll);
  }

  void AddCommandFlags(const Command& command) {
    CLI::App* sub = app_.get_subcommand(command.name);
    const std::vector<Flag>& flags = flags_[&command] = FlagsOf(command.method->input_type());
    for (const CommonOption& option : CommonOptions()) {
      if (option.scope != CommonOption::Scope::kEverywhere && Applies(option, &command)) {
        AddCommon(*sub, option);
      }
    }
    for (const Flag& flag : flags) {
      const bool takes_no_value =
          (flag.kind == FlagKind::kBool && !flag.repeated) || flag.kind == FlagKind::kPresence;
      if (takes_no_value) {
        std::string names = OptionNames(flag.name, false);
        absl::StrAppend(&names, ",!--no-", flag.name);
        uses_.push_back({&flag, FlagUse::Source::kValue, sub->add_flag(names)});
        continue;
      }
      uses_.push_back({&flag, FlagUse::Source::kValue,
                       AddValueOption(*sub, OptionNames(flag.name, flag.positional))});
      if (!flag.sensitive) continue;
      const std::pair<std::string, FlagUse::Source> sources[] = {
          {FileFlagName(flag), FlagUse::Source::kFile},
          {VariableFlagName(flag), FlagUse::Source::kVariable}};
      for (const auto& [name, source] : sources) {
        if (FindFlag(flags, name) != nullptr) continue;
        uses_.push_back({&flag, source, AddValueOption(*sub, OptionNames(name, false))});
      }
    }
  }

  absl::Status Run(std::vector<std::string> args) {
    std::vector<std::string> words;
    for (std::string& arg : args) {
      // CLI11 takes the next word for the value of "--x="; it is meant to be empty.
      if (absl::StartsWith(arg, "--") && arg.size() > 3 && arg.back() == '=' &&
          arg.find('=') == arg.size() - 1) {
        arg.pop_back();
        words.push_back(std::move(arg));
        words.emplace_back();
      } else {
        words.push_back(std::move(arg));
      }
    }
    std::reverse(words.begin(), words.end());
    try {
      app_.parse(words);
    } catch (const CLI::ArgumentMismatch& error) {
      const std::string what = error.what();
      return absl::InvalidArgumentError(
          absl::StrCat(what.substr(0, what.find(':')), " needs a value"));
    } catch (const CLI::Error& error) {
      return absl::InvalidArgumentError(error.what());
    }
    const auto extras = app_.remaining(true);
    return extras.empty() ? absl::OkStatus() : Unexpected(extras.front());
  }

  absl::Status Unexpected(const std::string& word) {
    const auto chosen = app_.get_subcommands();
    std::vector<std::string> known;
    std::string what = "unexpected argument '";
    if (absl::StartsWith(word, "-")) {
      what = "unknown flag '";
      std::vector<const CLI::App*> apps(chosen.begin(), chosen.end());
      apps.push_back(&app_);
      for (const CLI::App* app : apps) {
        for (const CLI::Option* option : app->get_options()) {
          for (const std::string& name : option->get_lnames()) known.push_back(name);
        }
      }
    } else if (chosen.empty()) {
      what = "unknown command '";
      known = {"help", "completion", "doctor", "open-console"};
      for (const Command& command : schema_.commands()) {
        known.push_back(command.name);
        known.insert(known.end(), command.aliases.begin(), command.aliases.end());
      }
    }
    const std::string bare = word.substr(std::min(word.find_first_not_of('-'), word.size()));
    const std::string nearest = NearestWord(bare.substr(0, bare.find('=')), known);
    const absl::string_view dashes = absl::StartsWith(word, "-") ? "--" : "";
    return absl::InvalidArgumentError(
        absl::StrCat(what, word, "'",
                     nearest.empty() ? "" : absl::StrCat("; did you mean ", dashes, nearest, "?")));
  }

  absl::Status ReadAction(const CLI::App* chosen, Invocation& invocation) {
    using Action = Invocation::Action;
    if (version_->count() > 0) {
      invocation.action = Action::kVersion;
    } else if (chosen == completion_ && !Given("help")) {
      invocation.action = Action::kCompletionScript;
      if (shell_->count() == 0) {
        return absl::InvalidArgumentError(absl::StrCat("for which shell? Name ", kShells));
      }
      invocation.shell = shell_->results().front();
    } else if (chosen == doctor_ && !Given("help")) {
      invocation.action = Action::kDoctor;
    } else if (chosen == open_console_ && !Given("help")) {
      invocation.action = Action::kOpenConsole;
    } else if (chosen == help_command_) {
      invocation.action = Action::kHelp;
      // What the program does by itself is explained in its own help.
      if (help_topic_->count() > 0 && help_topic_->results().front() != "doctor" &&
          help_topic_->results().front() != "open-console") {
        const std::string topic = help_topic_->results().front();
        invocation.command = schema_.Find(topic);
        if (invocation.command == nullptr) return Unexpected(topic);
        invocation.flags = FlagsOf(invocation.command->method->input_type());
      }
    } else if (Given("help")) {
      invocation.action = short_help_ ? Action::kBriefHelp : Action::kHelp;
    } else if (chosen == nullptr) {
      return absl::InvalidArgumentError("no command is given");
    }
    return absl::OkStatus();
  }

  void ReadUses(Invocation& invocation) {
    for (const auto& use : uses_) {
      if (use.option->count() == 0) continue;
      invocation.uses.push_back({use.flag, use.source, use.option->results()});
    }
  }

  bool Given(absl::string_view name) const { return !Results(name).empty(); }

  // An option of several commands is there once for each; only the chosen command's has results.
  std::vector<std::string> Results(absl::string_view name) const {
    const auto [first, last] = common_.equal_range(std::string(name));
    for (auto option = first; option != last; ++option) {
      if (option->second->count() > 0) return option->second->results();
    }
    return {};
  }

  // The last one given, else the environment's.
  std::optional<std::string> Text(absl::string_view name, const Environment& environment) {
    if (Given(name)) return Results(name).back();
    for (const CommonOption& option : CommonOptions()) {
      if (option.name != name || option.environment.empty()) continue;
      auto value = environment(std::string(option.environment));
      if (value.has_value() && !value->empty()) return value;
    }
    return std::nullopt;
  }

  absl::Status ReadOptions(const Environment& environment, Options& options) {
    auto& connection = options.connection;
    connection.server = Text("server", environment).value_or(connection.server);
    connection.token_file = Text("token-file", environment).value_or("");
    connection.ca_file = Text("tls-ca", environment).value_or("");
    connection.cert_file = Text("tls-cert", environment).value_or("");
    connection.key_file = Text("tls-key", environment).value_or("");
    if (Given("plaintext")) {
      connection.transport = client::ConnectionOptions::Transport::kPlaintext;
    }
    if (const auto text = Text("deadline", environment)) {
      const auto deadline = ParseDuration(*text);
      if (!deadline.ok()) {
        return absl::InvalidArgumentError(
            absl::StrCat("--deadline: ", deadline.status().message()));
      }
      options.deadline = *deadline;
    }
    if (const auto text = Text("output", environment)) {
      const std::map<std::string, OutputFormat> formats = {{"table", OutputFormat::kTable},
                                                           {"json", OutputFormat::kJson},
                                                           {"yaml", OutputFormat::kYaml},
                                                           {"jsonl", OutputFormat::kJsonl}};
      const auto format = formats.find(*text);
      if (format == formats.end()) {
        return absl::InvalidArgumentError(
            absl::StrCat("--output: '", *text, "' is not one of table, json, yaml, jsonl"));
      }
      options.output = format->second;
    }
    if (const auto text = Text("limit", environment)) {
      std::int64_t limit = 0;
      if (!absl::SimpleAtoi(*text, &limit) || limit < 0) {
        return absl::InvalidArgumentError(
            absl::StrCat("--limit: '", *text, "' is not a number from 0 on"));
      }
      options.limit = limit;
    }
    options.yes = Given("yes");
    options.verbose = Given("verbose");
    options.wait = Given("wait");
    options.check = Given("check");
    options.print_request = Given("print-request");
    options.json = Text("json", environment);
    for (const auto& [name, list] :
         {std::pair("clear", &options.clear), std::pair("columns", &options.columns)}) {
      for (const std::string& text : Results(name)) {
        for (const absl::string_view item : absl::StrSplit(text, ',')) {
          list->push_back(absl::StrReplaceAll(item, {{"-", "_"}}));
        }
      }
    }
    return absl::OkStatus();
  }

  struct PendingUse {
    const Flag* flag;
    FlagUse::Source source;
    CLI::Option* option;
  };

  const Schema& schema_;
  CLI::App app_;
  std::map<const CLI::App*, const Command*> subcommands_;
  CLI::App* help_command_ = nullptr;
  CLI::App* completion_ = nullptr;
  CLI::App* doctor_ = nullptr;
  CLI::App* open_console_ = nullptr;
  CLI::Option* doctor_exporter_ = nullptr;
  CLI::Option* doctor_notify_ = nullptr;
  CLI::Option* version_ = nullptr;
  CLI::Option* help_topic_ = nullptr;
  CLI::Option* shell_ = nullptr;
  std::multimap<std::string, CLI::Option*> common_;
  std::map<const Command*, std::vector<Flag>> flags_;
  std::vector<PendingUse> uses_;
  const bool short_help_;
};

}  // namespace

std::string FileFlagName(const Flag& flag) { return absl::StrCat(flag.name, "-file"); }
std::string VariableFlagName(const Flag& flag) { return absl::StrCat(flag.name, "-env"); }

absl::StatusOr<Invocation> ParseCommandLine(const Schema& schema,
                                            const std::vector<std::string>& args,
                                            const Environment& environment) {
  const bool short_help = std::find(args.begin(), args.end(), "-h") != args.end();
  return Parser(schema, short_help).Parse(args, environment);
}

}  // namespace logexport::cli
