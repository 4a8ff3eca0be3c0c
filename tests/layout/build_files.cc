#include "tests/layout/build_files.h"

#include <cstddef>
#include <filesystem>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace logexport {
namespace {

struct Token {
  std::string text;
  bool quoted = false;

  bool Is(absl::string_view mark) const { return !quoted && text == mark; }
};

// Words, quoted strings and each of `marks` by itself; without comments, which both languages start
// with a number sign.
std::vector<Token> Tokens(absl::string_view text, absl::string_view marks) {
  std::vector<Token> tokens;
  std::size_t at = 0;
  while (at < text.size()) {
    const char c = text[at];
    if (absl::ascii_isspace(static_cast<unsigned char>(c))) {
      ++at;
    } else if (c == '#') {
      at = std::min(text.find('\n', at), text.size());
    } else if (c == '"') {
      std::size_t end = at + 1;
      while (end < text.size() && text[end] != '"') end += text[end] == '\\' ? 2 : 1;
      end = std::min(end, text.size());
      tokens.push_back({std::string(text.substr(at + 1, end - at - 1)), true});
      at = end + 1;
    } else if (absl::StrContains(marks, c)) {
      tokens.push_back({std::string(1, c)});
      ++at;
    } else {
      const std::size_t end =
          std::min(text.find_first_of(absl::StrCat(" \t\r\n\"#", marks), at), text.size());
      tokens.push_back({std::string(text.substr(at, end - at))});
      at = end;
    }
  }
  return tokens;
}

// A call NAME(...), with the tokens between its brackets.
struct Call {
  std::string name;
  std::vector<Token> arguments;
};

std::vector<Call> Calls(const std::vector<Token>& tokens) {
  std::vector<Call> calls;
  for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
    if (!tokens[i + 1].Is("(")) continue;
    Call call{tokens[i].text, {}};
    int depth = 1;
    for (i += 2; i < tokens.size(); ++i) {
      if (tokens[i].Is("(")) ++depth;
      if (tokens[i].Is(")") && --depth == 0) break;
      call.arguments.push_back(tokens[i]);
    }
    calls.push_back(std::move(call));
  }
  return calls;
}

// The kind of target a call makes in either language; empty if it makes none that is compared.
std::string KindOf(absl::string_view call) {
  static const auto* const kinds = new std::map<std::string, std::string>{
      {"add_executable", "binary"},
      {"add_library", "library"},
      {"cc_binary", "binary"},
      {"cc_library", "library"},
      {"cc_test", "test"},
      {"logexport_bench", "bench"},
      {"logexport_binary", "binary"},
      {"logexport_test", "test"},
      {"logexport_script_test", "script"},
      {"logexport_library", "library"},
  };
  const auto kind = kinds->find(std::string(call));
  return kind == kinds->end() ? "" : kind->second;
}

void AddSource(absl::string_view file, const std::string& folder, BuildTarget& target) {
  const bool generated = absl::StrContains(file, "$") || absl::EndsWith(file, ".pb.cc");
  if (generated || !(absl::EndsWith(file, ".cc") || absl::EndsWith(file, ".sh"))) return;
  target.sources.insert(
      (std::filesystem::path(folder) / std::string(file)).lexically_normal().string());
}

void DropGenerated(BuildTargets& targets) {
  std::erase_if(targets, [](const auto& item) { return item.second.sources.empty(); });
}

}  // namespace

BuildTargets ReadCMake(absl::string_view text, const std::string& folder) {
  static const std::set<std::string> sections = {"SOURCES", "STATIC"};
  static const std::set<std::string> links = {"DEPS", "PRIVATE_DEPS", "PUBLIC", "PRIVATE",
                                              "INTERFACE"};
  static const std::set<std::string> others = {"TIMEOUT", "DATA_DEPS", "ALIAS",
                                               "PCH",     "LIGHT",     "TOGETHER"};
  BuildTargets targets;
  for (const Call& call : Calls(Tokens(text, "()"))) {
    const bool links_more = call.name == "target_link_libraries";
    const std::string kind = KindOf(call.name);
    if ((kind.empty() && !links_more) || call.arguments.empty()) continue;
    const std::string& name = call.arguments[0].text;
    // In a function or a loop: what is made is seen where the function is called.
    if (absl::StrContains(name, "$")) continue;
    BuildTarget& target = targets[name];
    if (!kind.empty()) target.kind = kind;
    std::string section = "SOURCES";
    for (std::size_t i = 1; i < call.arguments.size(); ++i) {
      const std::string& word = call.arguments[i].text;
      if (sections.contains(word) || links.contains(word) || others.contains(word)) {
        section = word;
      } else if (sections.contains(section)) {
        AddSource(word, folder, target);
      } else if (links.contains(section)) {
        // As projects outside name it, whose target has another name inside.
        target.dependencies.insert(word == "logexport::client" ? "logexport_client" : word);
      }
    }
  }
  DropGenerated(targets);
  return targets;
}

BuildTargets ReadBazel(absl::string_view text, const std::string& folder) {
  BuildTargets targets;
  for (const Call& call : Calls(Tokens(text, "()[]=,+"))) {
    BuildTarget target;
    target.kind = KindOf(call.name);
    if (target.kind.empty()) continue;
    std::string name;
    std::string key;
    for (std::size_t i = 0; i < call.arguments.size(); ++i) {
      const Token& token = call.arguments[i];
      if (i + 1 < call.arguments.size() && call.arguments[i + 1].Is("=")) {
        key = token.text;
      } else if (!token.quoted) {
        continue;
      } else if (key == "name") {
        name = token.text;
      } else if (key == "srcs") {
        AddSource(token.text, folder, target);
      } else if (key == "deps") {
        target.dependencies.insert(token.text.substr(token.text.find_last_of(":/") + 1));
      }
    }
    targets[name] = std::move(target);
  }
  DropGenerated(targets);
  return targets;
}

}  // namespace logexport
