// Build-time tool: turns a file into a C++ source with a function that returns the file's bytes.
//   embed_file INPUT OUTPUT FUNCTION  →  absl::string_view logexport::FUNCTION()
// A program rather than a script, so that CMake and Bazel need nothing but the compiler for it.
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

int main(int argc, char** argv) {
  if (argc != 4) {
    std::cerr << "usage: embed_file INPUT OUTPUT FUNCTION\n";
    return 2;
  }
  std::ifstream input(argv[1], std::ios::binary);
  if (!input) {
    std::cerr << "embed_file: cannot read " << argv[1] << "\n";
    return 1;
  }
  const std::string bytes((std::istreambuf_iterator<char>(input)),
                          std::istreambuf_iterator<char>());

  std::ofstream output(argv[2], std::ios::binary | std::ios::trunc);
  output << "#include \"absl/strings/string_view.h\"\n\n"
         << "namespace logexport {\nnamespace {\n"
         << "constexpr char kBytes[] =";
  constexpr std::size_t kBytesPerLine = 32;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i % kBytesPerLine == 0) output << (i == 0 ? "\n    \"" : "\"\n    \"");
    // Three octal digits always end the escape, so the next character cannot lengthen it.
    const unsigned value = static_cast<unsigned char>(bytes[i]);
    output << '\\' << (value >> 6) << ((value >> 3) & 7u) << (value & 7u);
  }
  output << (bytes.empty() ? "\n    \"\"" : "\"") << ";\n"
         << "}  // namespace\n\n"
         << "absl::string_view " << argv[3] << "() { return {kBytes, sizeof(kBytes) - 1}; }\n\n"
         << "}  // namespace logexport\n";
  output.close();
  if (!output) {
    std::cerr << "embed_file: cannot write " << argv[2] << "\n";
    return 1;
  }
  return 0;
}
