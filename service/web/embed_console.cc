// Build-time tool: turns what client/console/build.mjs has made into a C++ source with
// logexport::ConsoleFiles() (console_files.h).
//   embed_console DIST OUTPUT
// DIST holds manifest.json and the files that it names. Without it, the service is built without a
// console and says so. A program rather than a script, so that CMake and Bazel need nothing but the
// compiler for it.
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>
#include <string>

#include "service/json/json_value.h"

namespace logexport {
namespace {

std::optional<std::string> ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  return std::string((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
}

void WriteBytes(std::ostream& output, const std::string& name, const std::string& bytes) {
  constexpr std::size_t kBytesPerLine = 32;
  output << "constexpr char " << name << "[] =";
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i % kBytesPerLine == 0) output << (i == 0 ? "\n    \"" : "\"\n    \"");
    // Three octal digits always end the escape, so the next character cannot lengthen it.
    const unsigned value = static_cast<unsigned char>(bytes[i]);
    output << '\\' << (value >> 6) << ((value >> 3) & 7u) << (value & 7u);
  }
  output << (bytes.empty() ? "\n    \"\"" : "\"") << ";\n";
}

// As a C++ literal: a JSON string is one, as long as it is plain.
std::string Literal(const std::string& text) {
  std::string json;
  JsonValue value;
  value.SetString(text);
  AppendJson(value, &json);
  return json;
}

int Fail(const std::string& why) {
  std::cerr << "embed_console: " << why << "\n";
  return 1;
}

int Embed(const std::string& dist, const std::string& target) {
  std::string rows;
  std::ofstream output(target, std::ios::binary | std::ios::trunc);
  output << "#include \"service/web/console_files.h\"\n\nnamespace logexport {\nnamespace {\n\n";
  if (const auto manifest = ReadFile(dist + "/manifest.json"); manifest.has_value()) {
    const absl::StatusOr<JsonValue> json = JsonValue::Parse(*manifest);
    if (!json.ok()) return Fail("manifest.json: " + json.status().ToString());
    int number = 0;
    for (const JsonValue& file : (*json)["files"].items()) {
      rows += "      {" + Literal(file["path"].String()) + ", " + Literal(file["type"].String()) +
              ", " + (file["immutable"].Bool() ? "true" : "false") + ", " +
              Literal(file["etag"].String());
      for (const char* const form : {"file", "gzip", "br"}) {
        const std::string path = file[form].String();
        if (path.empty()) {
          rows += ", {}";
          continue;
        }
        const std::optional<std::string> bytes = ReadFile(dist + "/" + path);
        if (!bytes.has_value()) return Fail("cannot read " + path + ", which manifest.json names");
        const std::string name = "kBytes" + std::to_string(number++);
        WriteBytes(output, name, *bytes);
        rows += ", {" + name + ", sizeof(" + name + ") - 1}";
      }
      rows += "},\n";
    }
    if (rows.empty()) return Fail("manifest.json names no file");
  }
  output << "\n}  // namespace\n\nconst std::vector<ConsoleFile>& ConsoleFiles() {\n"
         << "  static const auto* const files = new std::vector<ConsoleFile>{\n"
         << rows << "  };\n  return *files;\n}\n\n}  // namespace logexport\n";
  output.close();
  return output ? 0 : Fail("cannot write " + target);
}

}  // namespace
}  // namespace logexport

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: embed_console DIST OUTPUT\n";
    return 2;
  }
  return logexport::Embed(argv[1], argv[2]);
}
