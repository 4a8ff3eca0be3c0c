// Build-time tool: turns log_types.tsv into the initialisers of an array of LogType.
//   generate_log_types INPUT OUTPUT
// Whether the rows are sorted and sound is checked by the compiler, where they are used.
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

namespace {

std::vector<std::string> SplitByTabs(const std::string& line) {
  std::vector<std::string> fields;
  std::size_t begin = 0;
  for (std::size_t tab = line.find('\t'); tab != std::string::npos; tab = line.find('\t', begin)) {
    fields.push_back(line.substr(begin, tab - begin));
    begin = tab + 1;
  }
  fields.push_back(line.substr(begin));
  return fields;
}

std::string Quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: generate_log_types INPUT OUTPUT\n";
    return 2;
  }
  std::ifstream input(argv[1]);
  std::ofstream output(argv[2], std::ios::trunc);
  std::string line;
  if (!std::getline(input, line) || line != "code\tname\tlevel\tcategory\textension_name") {
    std::cerr << argv[1] << ":1: cannot be read, or does not start with the line of column names\n";
    return 1;
  }
  for (int number = 2; std::getline(input, line); ++number) {
    const std::vector<std::string> fields = SplitByTabs(line);
    if (fields.size() != 5 || fields[2].size() != 1) {
      std::cerr << argv[1] << ":" << number
                << ": a row is code, name, level (one digit), category, extension_name\n";
      return 1;
    }
    // In the order of LogType's members.
    output << '{' << Quoted(fields[0]) << ", " << Quoted(fields[1]) << ", " << Quoted(fields[4])
           << ", " << Quoted(fields[3]) << ", " << fields[2] << "},\n";
  }
  output.close();
  if (!output) {
    std::cerr << argv[2] << ": cannot be written\n";
    return 1;
  }
  return 0;
}
